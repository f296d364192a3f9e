#pragma once
#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.h"
#include "jobs/job_queue.h"
#include "service/job_type.h"
#include "service/webhook_secrets.h"

namespace fadeout::service {

/// Accepts jobs and carries them out. A job's payload is the body of the matching request. Who wants to hear
/// of its end by webhook adds "webhook": URL, whose endpoint must have a secret; service/webhook.h tells the
/// rest.
class Jobs {
  public:
    Jobs(jobs::JobQueue& queue, std::vector<JobType> types, WebhookSecrets webhook_secrets = {});

    /// {"type": a JobType's name, ...members of the matching request}: checked as that request would be, then
    /// stored. Error(invalid) for an unknown type, naming the known ones.
    jobs::Job submit(const boost::json::object& body, const std::string& idempotency_key);

    /// Does the work of one leased job and returns its result as JSON. Called by the worker loop. An Error
    /// with kind unavailable, misconfigured, timeout, bad_source, busy, storage_full or internal is worth
    /// another attempt.
    std::string run(const jobs::Job& job, const audio::OnProgress& on_progress, std::stop_token stop);

    /// What to do with a job that failed by an Error of this kind. Called by the worker loop.
    jobs::Retry retry_after(const jobs::Job& job, ErrorKind kind) const;

    /// Sends a webhook again, delivered or not, as the same message. `id` names the job that it tells of, or
    /// the delivery itself. Returns the delivery, queued; Error(not_found), Error(conflict) for a job without
    /// one and while it is being sent.
    jobs::Job resend(const std::string& id);

    /// The types of jobs that do the work: all but "webhook".
    std::vector<std::string> types_of_work() const;

    /// `wake` is called after every submit() and resend(), on its thread: a worker in this process need not
    /// wait for its next poll. Set before the first submit().
    void on_submitted(std::function<void()> wake) { wake_ = std::move(wake); }

    /// Forgets jobs that ended longer than `keep` ago.
    void forget_ended(Time now, Duration keep);

    jobs::JobQueue& queue() noexcept { return queue_; }

  private:
    jobs::JobQueue& queue_;
    std::vector<JobType> types_;
    WebhookSecrets webhook_secrets_;
    std::function<void()> wake_ = [] {};
};

/// Which jobs a list shall hold; empty: any. Error(invalid) names the states and types that there are.
jobs::JobFilter parse_filter(const std::string& state, const std::string& type);

bool is_retryable(ErrorKind kind) noexcept;

/// {"id", "type", "state", "progress", "attempts", "created_at", "updated_at", "run_at", "result",
/// "error"}, and "webhook": the id of the delivery that its last end queued, or null; a delivery has
/// "delivers": {"url", "event", "job_id"} as well.
boost::json::object to_json(const jobs::Job& job);
/// What GET /tts/{id} answers: {"id", "status", "created_at", "audio_url", "text", "voice_id", ...} with
/// status queued, processing, completed or failed. Lists cut the text at 100 characters.
boost::json::object to_speech_job_json(const jobs::Job& job, std::size_t max_text_characters = SIZE_MAX);

}  // namespace fadeout::service
