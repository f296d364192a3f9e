#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "cleanup/sweeper.h"
#include "jobs/job_queue.h"

namespace fadeout::service {

/// What this node has done since it started, in the text format of Prometheus
/// (https://prometheus.io/docs/instrumenting/exposition_formats/). Every name is listed in
/// docs/operations.md. Thread-safe.
class Metrics {
  public:
    explicit Metrics(const std::string& version);
    ~Metrics();

    /// A request that was answered. `route` is its pattern, "/v1/jobs/{id}", so that the number of series is
    /// bounded; empty where there was none.
    void count_request(const std::string& method, const std::string& route, int status,
                       std::chrono::microseconds took, std::uint64_t sent_bytes);

    /// Carries out one job, which counts as running meanwhile, and returns or throws what `work` does.
    std::string measure_job(const std::string& type, const std::function<std::string()>& work);

    void count_sweep(const cleanup::Summary& summary, Time ended);

    /// All of it, with how many jobs `queue` holds by state and what the process uses. A queue that cannot
    /// be asked is told as fadeout_queue_up 0.
    std::string exposition(jobs::JobQueue& queue);

  private:
    struct Families;
    std::unique_ptr<Families> families_;
};

}  // namespace fadeout::service
