#pragma once
#include <optional>
#include <string>

#include "http/message.h"
#include "jobs/job_queue.h"

namespace fadeout::http {

/// What happens to one job, as server-sent events (WHATWG HTML, "Server-sent events"): `state` when its state
/// changes, the first one included, `progress` when only its per cent do. Every event's data is the job as
/// GET /v1/jobs/{id} answers it. Ends behind the event of an ended state.
class JobEvents final : public EventSource {
  public:
    JobEvents(jobs::JobQueue& queue, std::string id) : queue_(queue), id_(std::move(id)) {}
    Events poll() override;

  private:
    jobs::JobQueue& queue_;
    std::string id_;
    std::optional<jobs::State> state_;
    int attempts_ = 0;
    int progress_ = 0;
};

}  // namespace fadeout::http
