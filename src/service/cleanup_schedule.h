#pragma once
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "base/clock.h"
#include "jobs/schedule.h"
#include "service/cleanup.h"
#include "service/log_line.h"

namespace fadeout::service {

/// Sweeps by itself, on a thread of its own: what was missed at once, then every pass and every day. By day
/// (SweepMode::day) only the daily run deletes, for the day it was planned for, however late it comes; one
/// that failed is tried again at the following passes. What goes wrong is logged and never ends the thread.
class CleanupSchedule {
  public:
    CleanupSchedule(Cleanup& cleanup, const Clock& clock, jobs::Schedule schedule, LogLine log);

    /// Begins; the destructor stops between two batches and waits. At most once.
    void start();

    /// Runs what is due now, in the caller's thread: one step of the loop. Of many nodes on one store all may
    /// do it, as a sweep does no harm twice; a lease that chooses one of them belongs around this call.
    void run_due(std::stop_token stop);

  private:
    void loop(std::stop_token stop);
    void sweep(Time as_of, std::stop_token stop);

    Cleanup& cleanup_;
    const Clock& clock_;
    jobs::Schedule schedule_;
    LogLine log_;
    jobs::LastRuns last_;
    std::optional<Time> pending_day_;  ///< by day: a daily run that has not succeeded yet
    std::mutex mutex_;                 ///< only to sleep on
    std::condition_variable_any wake_;
    std::jthread thread_;  ///< last: joined before the rest goes
};

}  // namespace fadeout::service
