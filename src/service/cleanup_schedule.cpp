#include "service/cleanup_schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "base/error.h"

namespace fadeout::service {

namespace {

/// The clock may be set while the thread sleeps.
constexpr Duration longest_sleep = std::chrono::minutes(1);
/// Failed keys named in the log per run; the summary counts all of them.
constexpr int max_logged_failures = 10;

}  // namespace

CleanupSchedule::CleanupSchedule(Cleanup& cleanup, const Clock& clock, jobs::Schedule schedule, LogLine log)
    : cleanup_(cleanup), clock_(clock), schedule_(schedule), log_(std::move(log)) {}

void CleanupSchedule::start() {
    thread_ = std::jthread([this](std::stop_token stop) { loop(stop); });
}

void CleanupSchedule::run_due(std::stop_token stop) {
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

void CleanupSchedule::sweep(Time as_of, std::stop_token stop) {
    int logged = 0;
    CleanupObserver observer;
    observer.on_item = [&](const CleanupItem& item) {
        if (item.action != "failed" || ++logged > max_logged_failures) return;
        log_(Severity::error, fmt::format("sweep: {} stays due: {}", item.key, item.reason));
    };
    try {
        const CleanupSummary summary = cleanup_.sweep(false, observer, stop, as_of);
        log_(summary.failed == 0 ? Severity::info : Severity::error, "sweep: " + to_text(summary));
        if (summary.failed == 0 && summary.complete) pending_day_.reset();
    } catch (const Error& error) {
        log_(Severity::error,
             fmt::format("sweep failed, will be tried again: {} {}", error.what(), error.detail()));
    } catch (const std::exception& error) {
        log_(Severity::error, fmt::format("sweep failed, will be tried again: {}", error.what()));
    }
}

void CleanupSchedule::loop(std::stop_token stop) {
    while (!stop.stop_requested()) {
        run_due(stop);
        const Time now = clock_.now();
        const Duration sleep = std::clamp(jobs::next_wake(schedule_, now) - now, Duration(1), longest_sleep);
        std::unique_lock lock(mutex_);
        wake_.wait_for(lock, stop, sleep, [] { return false; });
    }
}

}  // namespace fadeout::service
