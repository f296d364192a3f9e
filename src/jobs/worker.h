#pragma once
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/log_line.h"
#include "jobs/job_queue.h"
#include "jobs/outage.h"

namespace fadeout::jobs {

struct WorkerOptions {
    int threads = 1;                   ///< jobs run at a time; 0 runs none
    std::vector<std::string> types{};  ///< of jobs to run; empty: any
    Duration poll{500};                ///< how often an idle thread looks for jobs without being notified
    Duration heartbeat{Limits{}.heartbeat};
    Duration progress{1'000};  ///< how often progress that changed is stored
    std::shared_ptr<Outage> outage = std::make_shared<Outage>();  ///< shared by workers of one queue
};

/// Runs the jobs of a queue on threads of its own. A failing queue (unreachable, disk full) is asked again
/// after a back-off and never ends the process; the log hears when it fails and when it is back. What ends
/// badly here comes back through the lease.
class Worker {
  public:
    using OnProgress = std::function<void(double fraction)>;  ///< 0 to 1; cheap, may be called often
    /// Does the work of one job and returns its result, a JSON value. An Error is the job's failure
    /// (AskedToWait: with a wait); any other exception counts as ErrorKind::internal. When the token asks to
    /// stop, it should throw soon: its job was cancelled, lost, or is to be put back. Called on many threads
    /// at once.
    using Handler =
        std::function<std::string(const Job& job, const OnProgress& on_progress, std::stop_token stop)>;
    /// Whether and when a job is tried again that failed by an Error of this kind.
    using RetryAfter = std::function<Retry(const Job& job, ErrorKind kind)>;

    /// Begins to work at once. `queue` must outlive this.
    Worker(JobQueue& queue, Handler handler, RetryAfter retry_after, LogLine log, WorkerOptions options = {});
    ~Worker();  ///< stop(0)
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    /// Jobs were queued: idle threads look at once.
    void notify();

    /// Leases no more jobs, lets the running ones finish for `grace`, then stops them and puts them back, due
    /// at once. Returns when no handler runs any more. Later calls do nothing.
    void stop(Duration grace);

  private:
    enum class Phase { working, draining, aborting, stopped };
    struct Running;
    using Steady = std::chrono::steady_clock;
    using Reporting = std::function<Report()>;

    void work();
    void run(Lease held);
    bool begin(const std::shared_ptr<Running>& running);
    void end(const std::shared_ptr<Running>& running);
    Reporting attempt(Running& running);
    void send_report(const Running& running, const Reporting& report);
    void pause(int failures, Phase until);
    void send_heartbeats();
    void send_heartbeat(Running& running);

    JobQueue& queue_;
    const Handler handler_;
    const RetryAfter retry_after_;
    const LogLine log_;
    const WorkerOptions options_;

    std::mutex mutex_;
    std::condition_variable changed_;  ///< any of the following four
    Phase phase_ = Phase::working;
    std::uint64_t notifications_ = 0;
    std::vector<std::shared_ptr<Running>> running_;
    std::vector<std::jthread> threads_;
    std::jthread heartbeats_;
};

}  // namespace fadeout::jobs
