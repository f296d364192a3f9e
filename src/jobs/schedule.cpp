#include "jobs/schedule.h"

#include <algorithm>

namespace fadeout::jobs {

namespace {

constexpr Duration day = std::chrono::hours(24);

/// Points in time at `offset` past every multiple of `interval`.
struct Recurrence {
    Duration interval;
    Duration offset;

    Time latest(Time now) const {
        const Duration since = now.time_since_epoch() - offset;
        Duration into = since % interval;
        if (into < Duration::zero()) into += interval;
        return now - into;
    }
    Time next(Time now) const { return latest(now) + interval; }

    std::optional<Time> due(std::optional<Time> last, Time now) const {
        const Time planned = latest(now);
        const bool trusted = last && *last <= now + interval;
        if (trusted && *last >= planned) return std::nullopt;
        return planned;
    }
};

Recurrence daily(const Schedule& schedule) {
    return {day, schedule.daily_at};
}
Recurrence pass(const Schedule& schedule) {
    return {std::max(schedule.pass_every, Duration(1)), Duration::zero()};
}

std::optional<int> two_digits(std::string_view text) {
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    if (text.size() != 2 || !digit(text[0]) || !digit(text[1])) return std::nullopt;
    return (text[0] - '0') * 10 + (text[1] - '0');
}

}  // namespace

Due due(const Schedule& schedule, const LastRuns& last, Time now) {
    return {daily(schedule).due(last.daily, now), pass(schedule).due(last.pass, now)};
}

Time next_wake(const Schedule& schedule, Time now) {
    return std::min(daily(schedule).next(now), pass(schedule).next(now));
}

std::optional<std::chrono::minutes> parse_time_of_day(std::string_view text) {
    if (text.size() != 5 || text[2] != ':') return std::nullopt;
    const auto hours = two_digits(text.substr(0, 2));
    const auto minutes = two_digits(text.substr(3, 2));
    if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
    return std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
}

}  // namespace fadeout::jobs
