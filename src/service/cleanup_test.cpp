#include "service/cleanup.h"

#include <gtest/gtest.h>
#include <boost/json/serialize.hpp>

#include "base/error.h"
#include "base/ids.h"
#include "cleanup/test_stores.h"
#include "records/memory/memory_record_store.h"
#include "storage/memory/memory_store.h"

namespace fadeout::service {
namespace {

using std::chrono::hours;
using storage::Key;

const Time noon = std::chrono::sys_days(std::chrono::year(2026) / 11 / 20) + hours(12);

class CleanupTest : public testing::Test {
  protected:
    void put(const std::string& key, Time modified) {
        const Time before = clock.now();
        clock.set(modified);
        const auto writer = objects.create(Key::parse(key), {"audio/wav", {}});
        writer->write(as_bytes("0123456789"));
        writer->commit();
        clock.set(before);
    }
    std::string speak(Time made, Duration expiry) {
        const std::string date = utc_date(made), id = make_uuid();
        put("temp-audio/" + date + "/" + id + ".wav", made);
        records.put({date, id, "http://link", "text", "en-us", 1.0, unix_seconds(made + expiry)});
        return "temp-audio/" + date + "/" + id + ".wav";
    }
    bool exists(const std::string& key) { return objects.head(Key::parse(key)).has_value(); }
    CleanupSummary clean(const std::string& path, int days, bool dry_run = false) {
        return Cleanup(objects, records, clock, options).clean_prefix(path, days, dry_run, {}, {});
    }
    CleanupSummary sweep(bool dry_run = false) {
        return Cleanup(objects, records, clock, options).sweep(dry_run, {}, {});
    }

    ManualClock clock{noon};
    storage::MemoryStore memory{clock};
    cleanup::FaultyStore objects{memory};
    records::MemoryRecordStore records{clock};
    CleanupOptions options;
};

using CleanupFaults = CleanupTest;

// Of five files in folders the console command found none.
TEST_F(CleanupFaults, F20_FoldersAreDescendedInto) {
    for (int i = 0; i < 5; ++i)
        put("processed-audio/1/" + std::to_string(i) + "/x.mp3", noon - hours(24 * 8));
    put("processed-audio/1/y.mp3", noon - hours(24 * 6));
    const CleanupSummary summary = clean("processed-audio/", 7);
    EXPECT_EQ(summary.deleted, 5u);
    EXPECT_EQ(summary.kept, 1u);
    EXPECT_EQ(summary.bytes, 50u);
    EXPECT_TRUE(exists("processed-audio/1/y.mp3"));
}

TEST_F(CleanupTest, OnlyTheNamedFolderIsCleaned) {
    put("processed-audio/1/x.mp3", noon - hours(24 * 8));
    put("processed-audio/10/x.mp3", noon - hours(24 * 8));
    EXPECT_EQ(clean("processed-audio/1/", 7).deleted, 1u);
    EXPECT_TRUE(exists("processed-audio/10/x.mp3"));
}

TEST_F(CleanupTest, OtherPathsAndDaysAreRefused) {
    put("pitches/1/song.wav", noon - hours(24 * 900));
    for (const char* path :
         {"", "/", ".", "..", "*", "processed-audio", "processed-au", "pitches/", "uploads/"}) {
        EXPECT_THROW(clean(path, 0), Error) << path;
    }
    EXPECT_THROW(clean("processed-audio/", -1), Error);
    EXPECT_THROW(clean("processed-audio/", 3'651), Error);
    EXPECT_NO_THROW(clean("processed-audio/", 3'650));
    EXPECT_TRUE(exists("pitches/1/song.wav"));
}

TEST_F(CleanupTest, ALiveLinkWinsOverTheDays) {
    const std::string alive = speak(noon - hours(24 * 6), hours(24 * 7));
    const std::string expired = speak(noon - hours(25), hours(24));
    const std::string in_flight =
        "temp-audio/2026-11-20/" + make_uuid() + ".wav";  // its record is not written yet
    put(in_flight, noon);
    for (const SweepMode mode : {SweepMode::promise, SweepMode::day}) {
        options.mode = mode;
        EXPECT_EQ(clean("temp-audio/", 2).deleted, 0u) << "too young";
        EXPECT_EQ(clean("temp-audio/", 0, true).deleted, 1u);
    }
    EXPECT_EQ(clean("temp-audio/", 0).deleted, 1u);
    EXPECT_TRUE(exists(alive));
    EXPECT_TRUE(exists(in_flight));
    EXPECT_FALSE(exists(expired));
}

TEST_F(CleanupTest, OneDaysFolderCanBeNamed) {
    const std::string other = speak(noon - hours(72), hours(1)), named = speak(noon - hours(48), hours(1));
    EXPECT_EQ(clean("temp-audio/2026-11-18/", 1).deleted, 1u);
    EXPECT_TRUE(exists(other));
    EXPECT_FALSE(exists(named));
    EXPECT_EQ(records.dates(), std::vector<std::string>{"2026-11-17"});
}

TEST_F(CleanupTest, AbandonedUploadsGoWithTheSweep) {
    objects.left_behind = noon - hours(25);
    objects.breaks_at("remove unfinished");
    EXPECT_EQ(sweep(true).unfinished_uploads, 1u) << "a preview counts them and removes none";
    EXPECT_EQ(sweep(true).failed, 0u);
    EXPECT_EQ(sweep().failed, 1u);
    objects.mend();
    EXPECT_EQ(sweep().unfinished_uploads, 1u);
    objects.left_behind = noon - hours(23);
    EXPECT_EQ(sweep(true).unfinished_uploads, 0u);
    EXPECT_EQ(sweep().unfinished_uploads, 0u);
}

TEST_F(CleanupTest, PrefixesThatReachResultsAreRefusedAtTheStart) {
    options.temporary_prefixes = {"temp-audio/", "pitches/"};
    EXPECT_THROW(sweep(), Error);
}

TEST_F(CleanupTest, IsSpelledAsOnTheWire) {
    CleanupSummary summary;
    summary.deleted = 3;
    summary.kept = 5;
    summary.failed = 1;
    summary.bytes = 1'200'000;
    summary.reasons = {{"link expired", 3}, {"link still valid", 5}};
    EXPECT_EQ(boost::json::serialize(to_json(summary)),
              R"({"deleted":3,"kept":5,"failed":1,"bytes":1200000,"dry_run":false})");
    EXPECT_EQ(boost::json::serialize(to_json(CleanupItem{"temp-audio/x", "keep", "no record yet"})),
              R"({"key":"temp-audio/x","action":"keep","reason":"no record yet"})");
    EXPECT_EQ(to_text(summary), "deleted 3 (1.2 MB), kept 5, failed 1: link expired 3, link still valid 5");
}

}  // namespace
}  // namespace fadeout::service
