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

namespace fadeout::service {

/// Accepts jobs and carries them out. A job's payload is the body of the matching request.
class Jobs {
  public:
    Jobs(jobs::JobQueue& queue, std::vector<JobType> types);

    /// {"type": a JobType's name, ...members of the matching request}: checked as that request would be, then
    /// stored. Error(invalid) for an unknown type, naming the known ones.
    jobs::Job submit(const boost::json::object& body, const std::string& idempotency_key);

    /// Does the work of one leased job and returns its result as JSON. Called by the worker loop. An Error
    /// with kind unavailable, timeout, bad_source, busy, storage_full or internal is worth another attempt.
    std::string run(const jobs::Job& job, const audio::OnProgress& on_progress, std::stop_token stop);

    /// `wake` is called after every submit(), on its thread: a worker in this process need not wait for its
    /// next poll. Set before the first submit().
    void on_submitted(std::function<void()> wake) { wake_ = std::move(wake); }

    /// Forgets jobs that ended longer than `keep` ago.
    void forget_ended(Time now, Duration keep);

    jobs::JobQueue& queue() noexcept { return queue_; }

  private:
    jobs::JobQueue& queue_;
    std::vector<JobType> types_;
    std::function<void()> wake_ = [] {};
};

bool is_retryable(ErrorKind kind) noexcept;

/// WIRE 7: {"id", "type", "state", "progress", "attempts", "created_at", "updated_at", "run_at", "result",
/// "error"}.
boost::json::object to_json(const jobs::Job& job);
/// WIRE 1: {"id", "status", "created_at", "audio_url", "text", "voice_id", ...} with status queued,
/// processing, completed or failed. Lists cut the text at 100 characters.
boost::json::object to_speech_job_json(const jobs::Job& job, std::size_t max_text_characters = SIZE_MAX);

}  // namespace fadeout::service
