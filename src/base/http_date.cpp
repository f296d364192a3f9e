#include "base/http_date.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace fadeout {

namespace {

constexpr std::array<std::string_view, 7> day_names = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> month_names = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

int number(std::string_view digits) {
    int value = -1;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc() && end == digits.data() + digits.size() ? value : -1;
}

}  // namespace

std::string format_http_date(Time t) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(t);
    const auto day = std::chrono::floor<std::chrono::days>(seconds);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(seconds - day);
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                       day_names[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                       month_names[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                       time.hours().count(), time.minutes().count(), time.seconds().count());
}

std::optional<Time> parse_http_date(std::string_view text) {
    if (text.size() != 29) return std::nullopt;
    unsigned month = 0;
    while (month < month_names.size() && month_names[month] != text.substr(8, 3)) ++month;
    const std::chrono::year_month_day date{
        std::chrono::year(number(text.substr(12, 4))), std::chrono::month(month + 1),
        std::chrono::day(static_cast<unsigned>(number(text.substr(5, 2))))};
    if (!date.ok()) return std::nullopt;
    const Time t = std::chrono::sys_days(date) + std::chrono::hours(number(text.substr(17, 2))) +
                   std::chrono::minutes(number(text.substr(20, 2))) +
                   std::chrono::seconds(number(text.substr(23, 2)));
    // Whatever was not as it must be (separators, the day's name, hours beyond 23) does not read back the
    // same.
    return format_http_date(t) == text ? std::optional(t) : std::nullopt;
}

}  // namespace fadeout
