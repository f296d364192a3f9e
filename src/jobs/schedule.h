#pragma once
#include <chrono>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace fadeout::jobs {

/// When the clean-up runs: once a day at a fixed time, and in a pass at every full multiple of `pass_every`.
struct Schedule {
    std::chrono::minutes daily_at{std::chrono::hours(12)};  ///< after 00:00 UTC; 0 to 1,439
    Duration pass_every{std::chrono::hours(1)};  ///< counted from the epoch: 1 h is every full hour
};

/// When each kind last began. Nothing: not known, so it counts as missed.
///
/// Nothing of this need be stored: a process that starts with LastRuns{} makes up one run of each kind at
/// once, which is right because a run only deletes what is due, so one too many changes nothing.
struct LastRuns {
    std::optional<Time> daily;
    std::optional<Time> pass;
};

/// What must run now, each with the time for which it was planned (at or before now). However many runs were
/// missed, only the latest is made up. Whoever works by the day's folder must take the day from the planned
/// time and not from now, or a late run would delete a folder too early.
struct Due {
    std::optional<Time> daily;
    std::optional<Time> pass;
};

/// A clock that was set back by up to one interval does not repeat a run; by more, the last run cannot be
/// trusted and counts as missed. Set forward: the runs that were jumped over are made up once.
Due due(const Schedule& schedule, const LastRuns& last, Time now);

/// The next planned time strictly after now. Sleep no longer than a minute at a stretch all the same, since
/// the clock may be set meanwhile.
Time next_wake(const Schedule& schedule, Time now);

/// "12:00", "00:05": 24-hour time of day, two digits each. Nothing where it is none.
std::optional<std::chrono::minutes> parse_time_of_day(std::string_view text);

}  // namespace fadeout::jobs
