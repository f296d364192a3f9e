#include "base/clock.h"

#include <gtest/gtest.h>

#include <ctime>
#include <random>

namespace fadeout {
namespace {

using namespace std::chrono_literals;

TEST(Clock, FormatsUtcWholeSeconds) {
    const Time t = from_unix_seconds(1795187460) + 999ms;
    EXPECT_EQ(utc_date(t), "2026-11-20");
    EXPECT_EQ(utc_timestamp(t), "2026-11-20T15:11:00Z");
    EXPECT_EQ(utc_basic_timestamp(t), "20261120T151100Z");
    EXPECT_EQ(unix_seconds(t), 1795187460) << "rounded down";
    EXPECT_EQ(utc_timestamp(from_unix_seconds(0)), "1970-01-01T00:00:00Z");
    EXPECT_EQ(utc_timestamp(Time(-1ms)), "1969-12-31T23:59:59Z") << "down, also before the epoch";
    EXPECT_EQ(utc_date(from_unix_seconds(1709164800)), "2024-02-29");
}

// Fault 6: where the machine stands must not move a date.
TEST(Faults, F06_TheTimeZoneOfTheMachineDoesNotMatter) {
    const Time t = from_unix_seconds(1795219199);  // 2026-11-20T23:59:59Z
    for (const char* zone : {"Asia/Kolkata", "America/New_York", "UTC", "<+1245>-12:45"}) {
        ::setenv("TZ", zone, 1);
        ::tzset();
        EXPECT_EQ(utc_date(t), "2026-11-20") << zone;
        EXPECT_EQ(utc_date(t + 1s), "2026-11-21") << zone;
        EXPECT_EQ(utc_timestamp(t), "2026-11-20T23:59:59Z") << zone;
        EXPECT_EQ(utc_basic_timestamp(t), "20261120T235959Z") << zone;
    }
    ::unsetenv("TZ");
    ::tzset();
}

TEST(Clock, DatesAgreeWithTheCalendar) {
    std::mt19937_64 random(5);
    for (int round = 0; round < 2000; ++round) {
        const Time t =
            from_unix_seconds(static_cast<long long>(random() % 253'402'300'800));  // up to year 9999
        const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(t));
        char expected[16];
        std::snprintf(expected, sizeof expected, "%04d-%02u-%02u", static_cast<int>(day.year()),
                      static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
        ASSERT_EQ(utc_date(t), expected);
        ASSERT_EQ(from_unix_seconds(unix_seconds(t)), t);
    }
}

TEST(Clock, TheManualClockMovesOnlyWhenTold) {
    ManualClock clock(from_unix_seconds(100));
    EXPECT_EQ(clock.now(), from_unix_seconds(100));
    clock.advance(1500ms);
    EXPECT_EQ(clock.now(), from_unix_seconds(101) + 500ms);
    clock.set(from_unix_seconds(7));
    EXPECT_EQ(clock.now(), from_unix_seconds(7));
}

TEST(Clock, TheSystemClockIsTheTime) {
    const auto before = std::time(nullptr);
    const long long now = unix_seconds(SystemClock().now());
    EXPECT_GE(now, before - 1);
    EXPECT_LE(now, std::time(nullptr) + 1);
}

TEST(Clock, ReadsTimestamps) {
    const Time t = from_unix_seconds(1'795'187'460);
    EXPECT_EQ(parse_utc_timestamp(utc_timestamp(t)), t);
    EXPECT_EQ(parse_utc_timestamp("1970-01-01T00:00:01.5Z"), Time(Duration(1500)));
    EXPECT_EQ(parse_utc_timestamp("1970-01-01T00:00:01.123456789Z"), Time(Duration(1123)));
    for (const char* text :
         {"", "1970-01-01T00:00:01", "1970-01-01 00:00:01Z", "1970-02-30T00:00:01Z", "1970-01-01T24:00:01Z",
          "1970-01-01T00:00:01.Z", "1970-01-01T00:00:01.1x3Z", "1970-01-01T00:00:01.1234x6Z",
          "1970-01-01T00:00:01+00:00", "-970-01-01T00:00:01Z"})
        EXPECT_FALSE(parse_utc_timestamp(text)) << text;
}

}  // namespace
}  // namespace fadeout
