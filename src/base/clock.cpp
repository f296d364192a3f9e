#include "base/clock.h"

#include <fmt/chrono.h>

#include <algorithm>
#include <charconv>

namespace fadeout {

namespace {
std::tm utc(Time t) {
    return fmt::gmtime(static_cast<std::time_t>(unix_seconds(t)));
}

/// -1 where `text` is not all digits.
int digits(std::string_view text) {
    int value = -1;
    const bool plain = std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (plain) std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}
}  // namespace

std::string utc_date(Time t) {
    return fmt::format("{:%Y-%m-%d}", utc(t));
}
std::string utc_timestamp(Time t) {
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", utc(t));
}
std::string utc_basic_timestamp(Time t) {
    return fmt::format("{:%Y%m%dT%H%M%SZ}", utc(t));
}

std::optional<Time> parse_utc_timestamp(std::string_view text) {
    if (text.size() < 20 || text.back() != 'Z') return std::nullopt;
    const std::string_view fraction = text.substr(19, text.size() - 20);
    int milliseconds = 0;
    if (!fraction.empty()) {
        if (fraction.front() != '.' || fraction.size() > 10) return std::nullopt;
        milliseconds = digits((std::string(fraction.substr(1)) + "00").substr(0, 3));
        if (fraction.size() < 2 || digits(fraction.substr(1)) < 0) return std::nullopt;
    }
    const std::chrono::year_month_day date{
        std::chrono::year(digits(text.substr(0, 4))),
        std::chrono::month(static_cast<unsigned>(digits(text.substr(5, 2)))),
        std::chrono::day(static_cast<unsigned>(digits(text.substr(8, 2))))};
    if (!date.ok()) return std::nullopt;
    const Time t = std::chrono::sys_days(date) + std::chrono::hours(digits(text.substr(11, 2))) +
                   std::chrono::minutes(digits(text.substr(14, 2))) +
                   std::chrono::seconds(digits(text.substr(17, 2)));
    // Whatever was not as it must be (separators, hours beyond 23) does not read back the same.
    if (utc_timestamp(t).substr(0, 19) != text.substr(0, 19)) return std::nullopt;
    return t + Duration(milliseconds);
}

long long unix_seconds(Time t) {
    return std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count();
}

Time from_unix_seconds(long long seconds) {
    return Time(std::chrono::seconds(seconds));
}

}  // namespace fadeout
