#include "service/cleanup_schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "base/error.h"
#include "base/pause.h"

namespace fadeout::service {

namespace {

/// The clock may be set while the thread sleeps.
constexpr Duration longest_sleep = std::chrono::minutes(1);
/// Failed keys named in the log per run; the summary counts all of them.
constexpr int max_logged_failures = 10;

std::string describe(const std::exception& failure) {
    const auto* error = dynamic_cast<const Error*>(&failure);
    return error ? fmt::format("{} {}", error->what(), error->detail()) : failure.what();
}

}  // namespace

CleanupSchedule::CleanupSchedule(Cleanup& cleanup, jobs::Leadership leadership, const Clock& clock,
                                 jobs::Schedule schedule, Metrics& metrics, LogLine log)
    : cleanup_(cleanup),
      leadership_(std::move(leadership)),
      clock_(clock),
      schedule_(schedule),
      metrics_(metrics),
      log_(std::move(log)) {}

void CleanupSchedule::start() {
    thread_ = std::jthread([this](std::stop_token stop) { loop(stop); });
}

void CleanupSchedule::run_due(std::stop_token stop) {
    if (!leads()) return;
    const Time now = clock_.now();
    const jobs::Due due = jobs::due(schedule_, last_, now);
    if (due.daily) last_.daily = now;
    if (due.pass) last_.pass = now;
    if (cleanup_.options().mode == SweepMode::promise) {
        if (due.daily || due.pass) sweep(now, stop);
        return;
    }
    if (due.daily) pending_day_ = due.daily;
    if (pending_day_ && (due.daily || due.pass)) sweep(*pending_day_, stop);
}

/// A new tenure knows nothing of what was run before, so everything counts as missed.
bool CleanupSchedule::leads() {
    const std::int64_t before = leadership_.term();
    try {
        if (!leadership_.lead()) {
            tell(Severity::info, "sweep: another node does it");
            return false;
        }
    } catch (const std::exception& error) {
        tell(Severity::error,
             fmt::format("sweep: waits for the queue, which tells who sweeps: {}", describe(error)));
        return false;
    }
    if (leadership_.term() != before) {
        last_ = {};
        tell(Severity::info, fmt::format("sweep: this node does it, term {}", leadership_.term()));
    }
    return true;
}

bool CleanupSchedule::may_delete() {
    try {
        if (leadership_.still_leads()) return true;
        tell(Severity::error, "sweep: ends here, since another node may have taken over");
    } catch (const std::exception& error) {
        tell(Severity::error,
             fmt::format("sweep: ends here, since the queue cannot tell who sweeps: {}", describe(error)));
    }
    return false;
}

void CleanupSchedule::tell(Severity severity, const std::string& standing) {
    if (standing_ == standing) return;
    standing_ = standing;
    log_(severity, standing);
}

void CleanupSchedule::resign() {
    try {
        leadership_.resign();
    } catch (const std::exception& error) {
        log_(Severity::error,
             fmt::format("sweep: the next node waits for the end of this one's lease: {}", describe(error)));
    }
}

void CleanupSchedule::sweep(Time as_of, std::stop_token stop) {
    int logged = 0;
    CleanupObserver observer;
    observer.on_item = [&](const CleanupItem& item) {
        if (item.action != "failed" || ++logged > max_logged_failures) return;
        log_(Severity::error, fmt::format("sweep: {} stays due: {}", item.key, item.reason));
    };
    try {
        const CleanupSummary summary =
            cleanup_.sweep(false, observer, stop, as_of, [this] { return may_delete(); });
        log_(summary.failed == 0 ? Severity::info : Severity::error, "sweep: " + to_text(summary));
        metrics_.count_sweep(summary, clock_.now());
        if (summary.failed == 0 && summary.complete) pending_day_.reset();
    } catch (const std::exception& error) {
        log_(Severity::error, "sweep failed, will be tried again: " + describe(error));
    }
}

void CleanupSchedule::loop(std::stop_token stop) {
    while (!stop.stop_requested()) {
        run_due(stop);
        const Time now = clock_.now();
        const Duration sleep = std::clamp(jobs::next_wake(schedule_, now) - now, Duration(1),
                                          std::min(leadership_.patience(), longest_sleep));
        pause(sleep, stop);
    }
    resign();
}

}  // namespace fadeout::service
