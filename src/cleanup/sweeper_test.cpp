#include "cleanup/sweeper.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "base/ids.h"
#include "cleanup/test_stores.h"
#include "records/memory/memory_record_store.h"
#include "storage/memory/memory_store.h"

namespace fadeout::cleanup {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using storage::Key;

const Time noon = std::chrono::sys_days(std::chrono::year(2026) / 11 / 20) + hours(12);

class SweeperTest : public testing::Test {
  protected:
    void put_object(const std::string& key, Time modified) {
        const Time before = clock.now();
        clock.set(modified);
        const auto writer = memory.create(Key::parse(key), {"audio/wav", {}});
        writer->write(as_bytes("0123456789"));
        writer->commit();
        clock.set(before);
    }
    void put_record(const std::string& date, const std::string& id, Time expires) {
        memory_records.put({date, id, "http://link", "text", "en-us", 1.0, unix_seconds(expires)});
    }
    /// Object and record as the speech service writes them; returns the key.
    std::string speak(Time made, Duration expiry = hours(24)) {
        const records::RecordId id{utc_date(made), make_uuid()};
        put_object(speech_key_of(id), made);
        put_record(id.date, id.audio_id, made + expiry);
        return speech_key_of(id);
    }
    bool exists(const std::string& key) { return memory.head(Key::parse(key)).has_value(); }
    std::size_t count_records() {
        std::size_t count = 0;
        for (const std::string& date : memory_records.dates()) {
            count += memory_records.list(date, "", 1'000, records::Visibility::all).records.size();
        }
        return count;
    }
    Summary sweep(RunOptions options = {}, Policy policy = {}) {
        items.clear();
        return Sweeper(store, records, clock, prefixes)
            .run(prefixes.speech(), policy, options,
                 {[&](const Item& item) { items.push_back(item); }, on_progress}, stop.get_token());
    }

    ManualClock clock{noon};
    storage::MemoryStore memory{clock};
    records::MemoryRecordStore memory_records{clock};
    FaultyStore store{memory};
    FaultyRecords records{memory_records};
    TemporaryPrefixes prefixes{{"temp-audio/", "processed-audio/"}};
    std::function<void(std::uint64_t)> on_progress;
    std::stop_source stop;
    std::vector<Item> items;
};

using SweepFaults = SweeperTest;

// Of 2,000 objects 1,000 stayed.
TEST_F(SweepFaults, F02_MoreThanOnePageIsSwept) {
    for (int i = 0; i < 2'500; ++i) speak(noon - hours(48) + minutes(i % 600));
    const std::string alive = speak(noon - hours(1));
    const Summary summary = sweep();
    EXPECT_EQ(summary.deleted, 2'500u);
    EXPECT_EQ(summary.bytes, 25'000u);
    EXPECT_EQ(summary.kept, 1u);
    EXPECT_TRUE(summary.complete);
    EXPECT_TRUE(exists(alive));
    EXPECT_EQ(count_records(), 1u);
    for (const std::size_t batch : store.batches) EXPECT_LE(batch, 1'000u);
    EXPECT_LE(store.batches.size(), 6u) << "removed in batches";
}

TEST_F(SweepFaults, F03_TheNoonRunKeepsLiveLinks) {
    const std::string early = speak(noon - hours(25)), late = speak(noon - hours(12) - minutes(1));
    const Summary summary = sweep();
    EXPECT_EQ(summary.deleted, 1u);
    EXPECT_FALSE(exists(early));
    EXPECT_TRUE(exists(late));
}

TEST_F(SweepFaults, F04_MissedDaysAreRevisited) {
    for (const int days : {2, 3, 30, 400}) speak(noon - hours(24) * days);
    EXPECT_EQ(sweep().deleted, 4u);
    EXPECT_EQ(count_records(), 0u);
}

TEST_F(SweepFaults, F05_OneFailureStopsNothingAndIsReported) {
    std::vector<std::string> keys;
    for (int i = 0; i < 20; ++i) keys.push_back(speak(noon - hours(48)));
    store.stuck = {keys[3]};
    const Summary summary = sweep();
    EXPECT_EQ(summary.deleted, 19u);
    EXPECT_EQ(summary.failed, 1u);
    EXPECT_EQ(summary.bytes, 190u);
    EXPECT_TRUE(exists(keys[3]));
    EXPECT_EQ(count_records(), 1u) << "the record of an object that stays, stays";
    EXPECT_EQ(std::ranges::count(items, "not permitted", &Item::reason), 1);

    store.stuck.clear();
    const Summary again = sweep();
    EXPECT_EQ(again.deleted, 1u);
    EXPECT_EQ(again.failed, 0u);
    EXPECT_EQ(count_records(), 0u);
}

TEST_F(SweepFaults, F05_AFailingBatchDoesNotStopTheNext) {
    for (int i = 0; i < 30; ++i) speak(noon - hours(48));
    store.before_each("remove", [&] {
        if (store.batches.size() == 2) throw Error(ErrorKind::unavailable, "the store is away");
    });
    const Summary summary = sweep({.page = 10});
    EXPECT_EQ(summary.failed, 10u);
    EXPECT_EQ(summary.deleted, 20u);
    EXPECT_EQ(sweep({.page = 10}).deleted, 10u);
    EXPECT_EQ(count_records(), 0u);
}

TEST_F(SweeperTest, RecordsThatCannotBeRemovedStayDue) {
    const std::string key = speak(noon - hours(48));
    records.remove_fails = true;
    const Summary summary = sweep();
    EXPECT_EQ(summary.failed, 1u);
    EXPECT_FALSE(exists(key));
    records.remove_fails = false;
    EXPECT_EQ(sweep().deleted, 1u);
    EXPECT_EQ(items.at(0).key, key);
    EXPECT_EQ(items.at(0).reason, "record expired, object gone");
    EXPECT_EQ(count_records(), 0u);
}

TEST_F(SweeperTest, OrphansEitherWayAreFound) {
    put_object("temp-audio/2026-11-18/" + make_uuid() + ".wav", noon - hours(24));
    const std::string young = "temp-audio/2026-11-18/" + make_uuid() + ".wav";
    put_object(young, noon - hours(24) + Duration(1));
    put_record("2026-11-18", make_uuid(), noon);               // expired, object gone
    put_record("2026-11-20", make_uuid(), noon + hours(100));  // live, object gone
    const Summary summary = sweep();
    EXPECT_EQ(summary.deleted, 3u);
    EXPECT_EQ(summary.kept, 1u);
    EXPECT_TRUE(exists(young));
    EXPECT_EQ(count_records(), 0u);
}

TEST_F(SweeperTest, ALiveRecordStaysWhenTheStoreCannotTell) {
    put_record("2026-11-20", make_uuid(), noon + hours(1));
    store.breaks_at("head");
    EXPECT_EQ(sweep().failed, 1u);
    EXPECT_EQ(count_records(), 1u);
}

TEST_F(SweeperTest, SpeechWrittenWhileTheSweepRunsIsKept) {
    for (int i = 0; i < 50; ++i) speak(noon - hours(48));
    std::vector<std::string> spoken;
    store.before_each("list", [&] {
        spoken.push_back(speak(noon));
        spoken.push_back(speak(noon - hours(23)));
    });
    const Summary summary = sweep({.page = 7});
    EXPECT_EQ(summary.deleted, 50u);
    EXPECT_GE(spoken.size(), 10u);
    for (const std::string& key : spoken) EXPECT_TRUE(exists(key));
    EXPECT_EQ(count_records(), spoken.size());
}

TEST_F(SweeperTest, ARecordIsKeptWhoseObjectCameAfterItsPageWasListed) {
    speak(noon - hours(1));
    std::string spoken;
    records.before_list = [&] {
        if (spoken.empty()) spoken = speak(noon);
    };
    const Summary summary = sweep();
    EXPECT_EQ(summary.deleted, 0u);
    EXPECT_TRUE(exists(spoken));
    EXPECT_EQ(count_records(), 2u);
}

TEST_F(SweeperTest, AClockSetBackInMidRunProtectsWhatIsAliveAgain) {
    for (int i = 0; i < 20; ++i) speak(noon - hours(24));
    on_progress = [&](std::uint64_t) { clock.set(noon - hours(1)); };
    const Summary summary = sweep({.page = 10});
    EXPECT_EQ(summary.deleted, 10u);
    EXPECT_EQ(summary.kept, 10u);
}

TEST_F(SweeperTest, ADryRunExplainsAndRemovesNothing) {
    const std::string due = speak(noon - hours(48)), alive = speak(noon - hours(1));
    put_record("2026-11-18", make_uuid(), noon);
    const Summary summary = sweep({.dry_run = true});
    EXPECT_TRUE(summary.dry_run);
    EXPECT_EQ(summary.deleted, 2u);
    EXPECT_EQ(summary.bytes, 10u);
    EXPECT_EQ(summary.kept, 1u);
    EXPECT_EQ(summary.reasons.at("link expired"), 1u);
    EXPECT_EQ(summary.reasons.at("link still valid"), 1u);
    EXPECT_TRUE(exists(due));
    EXPECT_TRUE(exists(alive));
    EXPECT_EQ(count_records(), 3u);
    EXPECT_TRUE(store.batches.empty());
    EXPECT_EQ(items.size(), 3u);
}

TEST_F(SweeperTest, ALimitedRunIsResumedByTheNext) {
    for (int i = 0; i < 25; ++i) speak(noon - hours(48));
    const Summary first = sweep({.max_deletions = 12, .page = 10});
    EXPECT_EQ(first.deleted, 12u);
    EXPECT_FALSE(first.complete);
    EXPECT_EQ(count_records(), 13u);
    const Summary second = sweep({.max_deletions = 13, .page = 10});
    EXPECT_EQ(second.deleted, 13u);
    EXPECT_TRUE(second.complete);
}

TEST_F(SweeperTest, KeysThatCannotBeDeletedUseUpNothingOfTheLimit) {
    std::vector<std::string> keys;
    for (int i = 0; i < 25; ++i) keys.push_back(speak(noon - hours(48)));
    std::ranges::sort(keys);
    store.stuck.insert(keys.begin(), keys.begin() + 12);
    const Summary summary = sweep({.max_deletions = 5, .page = 10});
    EXPECT_EQ(summary.failed, 12u);
    EXPECT_EQ(summary.deleted, 5u);
    EXPECT_FALSE(summary.complete);
    EXPECT_EQ(sweep({.max_deletions = 8, .page = 10}).deleted, 8u);
}

TEST_F(SweeperTest, WhatMayBeDeletedCountsAgainstTheLimit) {
    for (int i = 0; i < 25; ++i) speak(noon - hours(48));
    store.all_stuck = true;
    store.stuck_by = ErrorKind::unavailable;  // the answers are lost
    EXPECT_EQ(sweep({.max_deletions = 5, .page = 10}).failed, 5u);
    store.stuck_by = ErrorKind::misconfigured;
    EXPECT_EQ(sweep({.max_deletions = 5, .page = 10}).failed, 25u);
}

TEST_F(SweeperTest, AStopEndsAlsoWithinAPage) {
    for (int i = 0; i < 25; ++i) speak(noon - hours(48));
    store.all_stuck = true;
    store.before_each("remove", [&] { stop.request_stop(); });
    const Summary summary = sweep({.max_deletions = 1});
    EXPECT_EQ(summary.failed, 1u);
    EXPECT_FALSE(summary.complete);
}

TEST_F(SweeperTest, WhatIsHalfDeletedCountsAgainstTheLimit) {
    for (int i = 0; i < 25; ++i) speak(noon - hours(48));
    records.remove_fails = true;
    const Summary summary = sweep({.max_deletions = 5, .page = 10});
    EXPECT_EQ(summary.failed, 5u);
    EXPECT_FALSE(summary.complete);
    EXPECT_EQ(memory.list("", "", 100).objects.size(), 20u);
}

TEST_F(SweeperTest, AStoppedRunEndsBetweenBatches) {
    for (int i = 0; i < 30; ++i) speak(noon - hours(48));
    on_progress = [&](std::uint64_t) { stop.request_stop(); };
    const Summary summary = sweep({.page = 10});
    EXPECT_EQ(summary.deleted, 10u);
    EXPECT_FALSE(summary.complete);
    EXPECT_EQ(count_records(), 20u);
}

TEST_F(SweeperTest, WhatMayDeleteIsAskedBeforeEachBatch) {
    for (int i = 0; i < 30; ++i) speak(noon - hours(48));
    int asked = 0;
    const auto may_delete = [&] { return ++asked <= 5; };  // page, objects, their records, page, objects
    const Summary summary = sweep({.page = 10, .may_delete = may_delete});
    EXPECT_EQ(asked, 6) << "not again after a no";
    EXPECT_EQ(store.batches.size(), 2u);
    EXPECT_EQ(summary.deleted, 10u) << "of the second ten the records are left";
    EXPECT_EQ(summary.failed, 0u);
    EXPECT_FALSE(summary.complete);
    EXPECT_EQ(items.size(), 10u);
    EXPECT_EQ(count_records(), 20u);
    EXPECT_EQ(sweep({.page = 10}).deleted, 20u);
    EXPECT_EQ(count_records(), 0u);
}

/// A lease that is only renewed by deleting would run out while nothing is due.
TEST_F(SweeperTest, WhatMayDeleteIsAskedForEachPageThatIsKept) {
    for (int i = 0; i < 30; ++i) speak(noon);
    int asked = 0;
    const auto may_delete = [&] { return ++asked <= 2; };
    const Summary summary = sweep({.page = 10, .may_delete = may_delete});
    EXPECT_EQ(asked, 3);
    EXPECT_FALSE(summary.complete);
    EXPECT_EQ(summary.kept, 20u);
}

TEST_F(SweeperTest, ALateDailyRunWorksForTheDayItWasPlannedFor) {
    const std::string yesterday = speak(noon - hours(24)), today = speak(noon);
    const Policy by_day{.mode = Mode::day};
    clock.set(noon + hours(13));  // 01:00 of the next day: today's folder became yesterday's
    EXPECT_EQ(sweep({.as_of = noon}, by_day).deleted, 1u);
    EXPECT_FALSE(exists(yesterday));
    EXPECT_TRUE(exists(today));
}

TEST_F(SweeperTest, NothingOutsideIsTouched) {
    const std::vector<std::string> kept = {"pitches/1/song.wav", "uploads/x/song.wav",
                                           "processed-audio/x.mp3", "temp-audio2/2020-01-01/x.wav",
                                           "other/temp-audio/x.wav"};
    for (const std::string& key : kept) put_object(key, noon - hours(24 * 900));
    EXPECT_EQ(sweep().deleted, 0u);
    EXPECT_EQ(sweep({}, {.mode = Mode::day}).deleted, 0u);
    for (const std::string& key : kept) EXPECT_TRUE(exists(key));
}

TEST_F(SweeperTest, ABadTtlOverflowsNothing) {
    const records::RecordId forever{"2026-11-01", make_uuid()}, never{"2026-11-01", make_uuid()};
    put_object(speech_key_of(forever), noon - hours(1));
    put_object(speech_key_of(never), noon - hours(1));
    memory_records.put(
        {forever.date, forever.audio_id, "", "", "", 1, std::numeric_limits<long long>::max()});
    memory_records.put({never.date, never.audio_id, "", "", "", 1, std::numeric_limits<long long>::min()});
    EXPECT_EQ(sweep().deleted, 1u);
    EXPECT_TRUE(exists(speech_key_of(forever)));
}

/// Whatever the size of pages and whatever names lie around: the same decisions as over all facts at once.
TEST_F(SweeperTest, PagesChangeNothing) {
    std::mt19937 random(7);
    const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    for (int round = 0; round < 150; ++round) {
        storage::MemoryStore objects(clock);
        records::MemoryRecordStore rows(clock);
        std::set<std::string> used, live, due;  // by key; what the promise says
        std::vector<records::RecordId> kept_records;
        for (int n = pick(60); n > 0; --n) {
            const std::string date = utc_date(noon - hours(24) * pick(4));
            const std::string ids[] = {make_uuid(), make_uuid(), make_uuid(), "a", "a-b", "a.b", "B", "~"};
            const records::RecordId id{pick(12) == 0 ? "no-date" : date, ids[pick(8)]};
            const std::string key = speech_key_of(id);
            const bool has_object = pick(5) > 0, has_record = pick(4) > 0;
            if (!used.insert(key).second) continue;
            const bool old = pick(2) == 0, expired = pick(2) == 0;
            if (has_object) {
                clock.set(old ? noon - hours(24) : noon - hours(23));
                objects.create(Key::parse(key), {})->commit();
                clock.set(noon);
            }
            const Time ttl = expired ? noon : noon + hours(1);
            if (has_record) rows.put({id.date, id.audio_id, "", "", "", 1, unix_seconds(ttl)});
            const bool uuid_in_day = is_date(id.date) && is_uuid(id.audio_id);
            const bool recorded = has_record && (uuid_in_day || (is_date(id.date) && !expired));
            const bool ends = recorded ? expired : old;
            // A foreign name with an expired record may go by either rule; both are over for an old object
            // only.
            if (!uuid_in_day && has_object && has_record && (!is_date(id.date) || (expired && !old)))
                continue;
            (has_object && !ends ? live : due).insert(key);
            if (has_object && has_record && !expired) kept_records.push_back(id);
        }
        Sweeper(objects, rows, clock, prefixes)
            .run(prefixes.speech(), {}, {.page = static_cast<std::size_t>(1 + pick(9))}, {}, {});
        for (const std::string& key : live)
            EXPECT_TRUE(objects.head(Key::parse(key))) << key << " round " << round;
        for (const std::string& key : due)
            EXPECT_FALSE(objects.head(Key::parse(key))) << key << " round " << round;
        for (const records::RecordId& id : kept_records)
            EXPECT_TRUE(rows.get(id.date, id.audio_id)) << id.audio_id;
    }
}

}  // namespace
}  // namespace fadeout::cleanup
