#pragma once
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/log_line.h"
#include "jobs/leadership.h"
#include "jobs/schedule.h"
#include "service/cleanup.h"
#include "service/metrics.h"

namespace fadeout::service {

/// Sweeps by itself, on a thread of its own: what was missed at once, then every pass and every day. By day
/// (SweepMode::day) only the daily run deletes, for the day it was planned for, however late it comes; one
/// that failed is tried again at the following passes. What goes wrong is logged and never ends the thread.
///
/// Of many nodes with one queue only the one that leads sweeps. It makes sure of that before each batch of
/// deletions, so one that was paused deletes nothing more once another has taken over; who takes over sweeps
/// at once. While the queue cannot be asked, nobody sweeps.
class CleanupSchedule {
  public:
    CleanupSchedule(Cleanup& cleanup, jobs::Leadership leadership, const Clock& clock,
                    jobs::Schedule schedule, Metrics& metrics, LogLine log);

    /// Begins. At most once.
    void start();

    /// Ends between two batches and leaves the sweeps to another node, without waiting for that; the
    /// destructor waits.
    void request_stop() { thread_.request_stop(); }

    /// Runs what is due now, if this node leads, in the caller's thread: one step of the loop.
    void run_due(std::stop_token stop);

    /// Leaves the sweeps to another node, at once.
    void resign();

  private:
    void loop(std::stop_token stop);
    bool leads();
    bool may_delete();
    void sweep(Time as_of, std::stop_token stop);
    void tell(Severity severity, const std::string& standing);

    Cleanup& cleanup_;
    jobs::Leadership leadership_;
    const Clock& clock_;
    jobs::Schedule schedule_;
    Metrics& metrics_;
    LogLine log_;
    jobs::LastRuns last_;
    std::optional<Time> pending_day_;  ///< by day: a daily run that has not succeeded yet
    std::string standing_;             ///< who leads, as the log has it
    std::jthread thread_;              ///< last: joined before the rest goes
};

}  // namespace fadeout::service
