#include "base/clock.h"

#include <fmt/chrono.h>

namespace fadeout {

namespace {
std::tm utc(Time t) {
    return fmt::gmtime(static_cast<std::time_t>(unix_seconds(t)));
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

long long unix_seconds(Time t) {
    return std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count();
}

Time from_unix_seconds(long long seconds) {
    return Time(std::chrono::seconds(seconds));
}

}  // namespace fadeout
