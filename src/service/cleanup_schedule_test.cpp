#include "service/cleanup_schedule.h"

#include <gtest/gtest.h>

#include <future>

#include "base/error.h"
#include "base/ids.h"
#include "cleanup/test_stores.h"
#include "jobs/memory/memory_job_queue.h"
#include "records/memory/memory_record_store.h"
#include "storage/memory/memory_store.h"

namespace fadeout::service {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using storage::Key;

const Time noon = std::chrono::sys_days(std::chrono::year(2026) / 11 / 20) + hours(12);

class QueueThatMayBeAway final : public jobs::MemoryJobQueue {
  public:
    using MemoryJobQueue::MemoryJobQueue;
    bool change_tenure(const std::string& name, const jobs::TenureChange& change) override {
        if (is_away) throw Error(ErrorKind::unavailable, "the queue is away");
        return MemoryJobQueue::change_tenure(name, change);
    }
    bool is_away = false;
};

class ScheduleTest : public testing::Test {
  protected:
    std::string speak(Time made) {
        const Time before = clock.now();
        const std::string date = utc_date(made), id = make_uuid(),
                          key = "temp-audio/" + date + "/" + id + ".wav";
        clock.set(made);
        objects.create(Key::parse(key), {})->commit();
        clock.set(before);
        records.put({date, id, "", "", "", 1.0, unix_seconds(made + hours(24))});
        return key;
    }
    bool exists(const std::string& key) { return objects.head(Key::parse(key)).has_value(); }
    jobs::Leadership leadership() {
        return {queue, "sweep", clock, lease, [this] { return up; }};
    }
    void use(SweepMode mode) {
        if (schedule) schedule->resign();
        cleanup.emplace(objects, records, clock, CleanupOptions{.mode = mode});
        schedule.emplace(*cleanup, leadership(), clock, jobs::Schedule{}, metrics,
                         [this](Severity severity, const std::string& text) {
                             if (text.starts_with("sweep: this node does it")) return;
                             log.emplace_back(severity, text);
                             if (on_log) on_log();
                         });
    }
    /// Time passes, as all clocks show it.
    void pass(Duration d) {
        clock.advance(d);
        up += d;
    }
    void run_at(Time t) {
        clock.set(t);
        schedule->run_due({});
    }

    static constexpr Duration lease = std::chrono::seconds(45);
    ManualClock clock{noon};
    Duration up{hours(1)};
    QueueThatMayBeAway queue{clock};
    storage::MemoryStore memory{clock};
    cleanup::FaultyStore objects{memory};
    records::MemoryRecordStore records{clock};
    std::optional<Cleanup> cleanup;
    std::vector<std::pair<Severity, std::string>> log;
    std::function<void()> on_log;
    Metrics metrics{"test"};
    std::optional<CleanupSchedule> schedule;
};

using ScheduleFaults = ScheduleTest;

// The task was never registered and nothing ran it.
TEST_F(ScheduleFaults, F01_TheThreadSweepsByItself) {
    const std::string due = speak(noon - hours(48)), alive = speak(noon - hours(1));
    use(SweepMode::promise);
    std::promise<void> swept;
    on_log = [&] { swept.set_value(); };
    schedule->start();
    ASSERT_EQ(swept.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
    EXPECT_FALSE(exists(due));
    EXPECT_TRUE(exists(alive));
    schedule.reset();  // leaves its sleep at once
    ASSERT_EQ(log.size(), 1u);
    EXPECT_EQ(log[0].second, "sweep: deleted 1 (0 B), kept 1, failed 0: link expired 1, link still valid 1");
}

TEST_F(ScheduleFaults, F03_EachLinkLivesItsDayAndGoesWithinTheHour) {
    use(SweepMode::promise);
    const std::string key = speak(noon - minutes(15));
    for (int hour = 0; hour < 24; ++hour) {
        run_at(noon + hours(hour));
        EXPECT_TRUE(exists(key)) << hour;
    }
    run_at(noon + hours(24));
    EXPECT_FALSE(exists(key));
}

// After days of standstill everything that was missed is made up.
TEST_F(ScheduleFaults, F04_MissedRunsAreMadeUpAtTheStart) {
    for (const SweepMode mode : {SweepMode::promise, SweepMode::day}) {
        clock.set(noon);
        const std::string old = speak(noon - hours(24 * 10));
        use(mode);
        run_at(noon + hours(11));
        EXPECT_FALSE(exists(old));
    }
}

TEST_F(ScheduleFaults, F05_FailuresAreLoggedAndTriedAgain) {
    const std::string due = speak(noon - hours(48));
    use(SweepMode::promise);
    objects.all_stuck = true;
    run_at(noon);
    ASSERT_EQ(log.size(), 2u);
    EXPECT_EQ(log[0].second, "sweep: " + due + " stays due: not permitted");
    EXPECT_EQ(log[1].first, Severity::error);
    objects.all_stuck = false;
    objects.breaks_at("list");
    run_at(noon + hours(1));
    EXPECT_NE(log.back().second.find("the store is away"), std::string::npos);
    objects.mend();
    run_at(noon + hours(2));
    EXPECT_FALSE(exists(due));
}

TEST_F(ScheduleTest, NothingRunsBetweenPasses) {
    use(SweepMode::promise);
    run_at(noon);
    const std::string due = speak(noon - hours(24) + minutes(1));
    run_at(noon + minutes(59));
    EXPECT_TRUE(exists(due));
    EXPECT_EQ(log.size(), 1u);
}

TEST_F(ScheduleTest, ByDayOnlyNoonDeletesYesterdaysFolder) {
    use(SweepMode::day);
    run_at(noon);
    const std::string today = speak(noon + minutes(1));
    for (int hour = 1; hour < 24; ++hour) {
        run_at(noon + hours(hour));
        EXPECT_TRUE(exists(today)) << hour;
    }
    run_at(noon + hours(24));
    EXPECT_FALSE(exists(today));
}

TEST_F(ScheduleTest, ByDayALateRunDeletesNoFolderEarly) {
    const std::string yesterday = speak(noon - hours(24)), today = speak(noon);
    use(SweepMode::day);
    run_at(noon + hours(13));  // started at 01:00, making up for the noon before
    EXPECT_FALSE(exists(yesterday));
    EXPECT_TRUE(exists(today));
}

TEST_F(ScheduleTest, ByDayAFailedDailyRunIsTriedAtTheNextPass) {
    const std::string yesterday = speak(noon - hours(24));
    use(SweepMode::day);
    objects.breaks_at("list");
    run_at(noon);
    objects.mend();
    run_at(noon + hours(1));
    EXPECT_FALSE(exists(yesterday));
    const std::size_t lines = log.size();
    run_at(noon + hours(2));
    EXPECT_EQ(log.size(), lines) << "done for today";
}

using OneOfMany = ScheduleTest;

TEST_F(OneOfMany, OnlyTheOneThatLeadsSweeps) {
    const std::string due = speak(noon - hours(48));
    use(SweepMode::promise);
    jobs::Leadership other = leadership();
    ASSERT_TRUE(other.lead());
    schedule->run_due({});
    schedule->run_due({});
    EXPECT_TRUE(exists(due));
    ASSERT_EQ(log.size(), 1u);
    EXPECT_EQ(log[0].second, "sweep: another node does it");

    other.resign();
    schedule->run_due({});
    EXPECT_FALSE(exists(due));
}

TEST_F(OneOfMany, WhoTakesOverSweepsAtOnce) {
    use(SweepMode::promise);
    schedule->run_due({});
    schedule->resign();
    jobs::Leadership other = leadership();
    ASSERT_TRUE(other.lead());
    const std::string due = speak(noon - hours(24) + minutes(1));
    pass(minutes(2));  // the other one is killed
    schedule->run_due({});
    EXPECT_FALSE(exists(due)) << "no full hour has come, but the other may not have got far";
}

// The process stands still in the middle of a run, just after a batch and before the next.
TEST_F(OneOfMany, APausedOneDeletesNothingMoreOnceAnotherTookOver) {
    for (int i = 0; i < 2'500; ++i) speak(noon - hours(48));
    use(SweepMode::promise);
    jobs::Leadership other = leadership();
    int lists = 0;
    objects.before_each("list", [&] {
        if (++lists != 2) return;
        pass(hours(1));
        EXPECT_TRUE(other.lead());
    });
    schedule->run_due({});
    EXPECT_EQ(objects.batches.size(), 1u);
    EXPECT_TRUE(other.still_leads());
    ASSERT_EQ(log.size(), 2u);
    EXPECT_EQ(log[0].second, "sweep: ends here, since another node may have taken over");
    EXPECT_NE(log[1].second.find("deleted 1000"), std::string::npos);
    EXPECT_NE(log[1].second.find("ended before everything was looked at"), std::string::npos);

    other.resign();
    schedule->run_due({});
    EXPECT_EQ(objects.batches.size(), 3u) << "goes on where it ended, without waiting for the next pass";
}

TEST_F(OneOfMany, APausedOneThatNobodySucceededGoesOn) {
    for (int i = 0; i < 2'500; ++i) speak(noon - hours(48));
    use(SweepMode::promise);
    objects.before_each("list", [&] { pass(minutes(10)); });
    schedule->run_due({});
    EXPECT_EQ(objects.batches.size(), 3u);
}

TEST_F(OneOfMany, WithoutTheQueueNothingIsDeleted) {
    const std::string due = speak(noon - hours(48));
    use(SweepMode::promise);
    queue.is_away = true;
    schedule->run_due({});
    schedule->run_due({});
    EXPECT_TRUE(exists(due));
    ASSERT_EQ(log.size(), 1u);
    EXPECT_EQ(log[0].first, Severity::error);
    EXPECT_NE(log[0].second.find("the queue is away"), std::string::npos);
    queue.is_away = false;
    schedule->run_due({});
    EXPECT_FALSE(exists(due));
}

TEST_F(OneOfMany, AQueueThatGoesAwayEndsTheRun) {
    for (int i = 0; i < 2'500; ++i) speak(noon - hours(48));
    use(SweepMode::promise);
    objects.before_each("list", [&] {
        pass(minutes(1));
        queue.is_away = !objects.batches.empty();
    });
    schedule->run_due({});
    EXPECT_EQ(objects.batches.size(), 1u);
}

TEST_F(OneOfMany, OneThatEndsLeavesTheSweepsToTheNext) {
    use(SweepMode::promise);
    std::promise<void> swept;
    on_log = [&] { swept.set_value(); };
    schedule->start();
    ASSERT_EQ(swept.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
    jobs::Leadership other = leadership();
    ASSERT_FALSE(other.lead());
    schedule.reset();
    EXPECT_TRUE(other.lead());
}

}  // namespace
}  // namespace fadeout::service
