#include "http/job_events.h"

#include "service/jobs.h"
#include "service/json_text.h"

namespace fadeout::http {

namespace {

bool has_ended(jobs::State state) {
    return state != jobs::State::queued && state != jobs::State::leased;
}

}  // namespace

Events JobEvents::poll() {
    const auto job = queue_.get(id_);
    if (!job) return {.text = {}, .last = true};  // forgotten meanwhile
    const bool new_state = state_ != job->state || attempts_ != job->attempts;
    if (!new_state && progress_ == job->progress) return {};
    state_ = job->state;
    attempts_ = job->attempts;
    progress_ = job->progress;
    return {.text = std::string(new_state ? "event: state" : "event: progress") +
                    "\ndata: " + service::json_text(service::to_json(*job)) + "\n\n",
            .last = has_ended(job->state)};
}

}  // namespace fadeout::http
