#include "jobs/schedule.h"

#include <gtest/gtest.h>

#include <random>

namespace fadeout::jobs {
namespace {

using namespace std::chrono_literals;

const Time midnight = from_unix_seconds(1'795'132'800);  // 2026-11-20T00:00:00Z
const Schedule noon_and_hourly;

TEST(Schedule, EverythingIsDueAtTheFirstStart) {
    const Due d = due(noon_and_hourly, {}, midnight + 10h + 20min);
    EXPECT_EQ(d.daily, midnight - 12h);  // yesterday's noon is the latest that passed
    EXPECT_EQ(d.pass, midnight + 10h);
}

TEST(Schedule, DailyRunIsDueAtNoonSharpAndNotBefore) {
    const LastRuns last{midnight - 12h, midnight + 11h};
    EXPECT_FALSE(due(noon_and_hourly, last, midnight + 12h - 1ms).daily);
    EXPECT_EQ(due(noon_and_hourly, last, midnight + 12h).daily, midnight + 12h);
}

TEST(Schedule, ARunThatBeganIsNotDueAgain) {
    const Time noon = midnight + 12h;
    for (const Duration late : {0ms, 1ms, 3'599'999ms}) {
        const Due d = due(noon_and_hourly, {noon + late, noon + late}, noon + late);
        EXPECT_FALSE(d.daily);
        EXPECT_FALSE(d.pass);
    }
}

// Faults 1 and 4: no scheduler runs the clean-up at all, and a missed day is never revisited.
TEST(Faults, F04_MissedDaysAreMadeUpOnce) {
    const LastRuns last{midnight - 24h * 9, midnight - 24h * 9};
    const Time now = midnight + 13h;
    const Due d = due(noon_and_hourly, last, now);
    EXPECT_EQ(d.daily, midnight + 12h);
    EXPECT_EQ(d.pass, midnight + 13h);
    const Due after = due(noon_and_hourly, {now, now}, now + 1ms);
    EXPECT_FALSE(after.daily);
    EXPECT_FALSE(after.pass);
}

TEST(Schedule, ClockSetBackALittleRepeatsNothing) {
    const Time ran = midnight + 12h + 5ms;
    for (const Duration back : {Duration(10ms), Duration(2s), Duration(40min)}) {
        EXPECT_FALSE(due(noon_and_hourly, {ran, ran}, ran - back).daily);
        EXPECT_FALSE(due(noon_and_hourly, {ran, ran}, ran - back).pass);
    }
    EXPECT_FALSE(due(noon_and_hourly, {ran, ran}, midnight + 12h).daily);
    EXPECT_EQ(due(noon_and_hourly, {ran, ran}, midnight + 13h).pass, midnight + 13h);
}

TEST(Schedule, ClockSetBackFarDoesNotStopTheRuns) {
    const LastRuns from_the_future{midnight + 24h * 365, midnight + 24h * 365};
    EXPECT_TRUE(due(noon_and_hourly, from_the_future, midnight).daily);
    EXPECT_TRUE(due(noon_and_hourly, from_the_future, midnight).pass);
}

TEST(Schedule, NextWakeIsTheNearestPlannedTime) {
    EXPECT_EQ(next_wake(noon_and_hourly, midnight), midnight + 1h);
    EXPECT_EQ(next_wake(noon_and_hourly, midnight + 12h), midnight + 13h);
    EXPECT_EQ(next_wake({12h + 30min, 24h}, midnight + 1h), midnight + 12h + 30min);
    EXPECT_EQ(next_wake({0min, 24h}, midnight - 1ms), midnight);
}

// Steps through a month with a loop that sleeps irregularly, is down for days and has its clock set: every
// planned time is served by a run at most once, and after each step nothing that passed is left unserved.
TEST(Schedule, EveryPlannedTimeIsServedOnceOrCoveredByALaterOne) {
    std::mt19937 random(7);
    for (int round = 0; round < 200; ++round) {
        const Schedule schedule{std::chrono::minutes(random() % 1440),
                                Duration(1min) * (1 + random() % 1440)};
        Time now = midnight + Duration(random() % 86'400'000);
        LastRuns last;
        std::optional<Time> served_daily, served_pass;
        for (int step = 0; step < 200; ++step) {
            const Due d = due(schedule, last, now);
            if (d.daily) {
                EXPECT_LE(*d.daily, now);
                EXPECT_GT(*d.daily, now - 24h);
                EXPECT_TRUE(!served_daily || *served_daily < *d.daily);
                served_daily = d.daily;
                last.daily = now;
            }
            if (d.pass) {
                EXPECT_LE(*d.pass, now);
                EXPECT_TRUE(!served_pass || *served_pass < *d.pass);
                served_pass = d.pass;
                last.pass = now;
            }
            const Time wake = next_wake(schedule, now);
            ASSERT_GT(wake, now);
            ASSERT_LE(wake, now + std::min<Duration>(24h, schedule.pass_every));
            now = random() % 10 ? std::min(wake, now + 1min) : now + Duration(random() % 400'000'000);
        }
    }
}

TEST(Schedule, ParsesTimesOfDay) {
    EXPECT_EQ(parse_time_of_day("12:00"), 720min);
    EXPECT_EQ(parse_time_of_day("00:05"), 5min);
    EXPECT_EQ(parse_time_of_day("23:59"), 1439min);
    for (const char* wrong :
         {"", "12", "24:00", "12:60", "1:00", "12:0", "12-00", "-1:00", "12:00 ", "+2:00"})
        EXPECT_FALSE(parse_time_of_day(wrong)) << wrong;
}

}  // namespace
}  // namespace fadeout::jobs
