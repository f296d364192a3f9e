#include "service/report.h"

#include <gtest/gtest.h>

#include "jobs/memory/memory_job_queue.h"
#include "storage/memory/memory_store.h"

namespace fadeout::service {
namespace {

const cleanup::TemporaryPrefixes prefixes({"temp-audio/", "processed-audio/"});

ObjectClass class_of(std::string_view key) {
    return classify(storage::Key::parse(key), prefixes);
}

TEST(ObjectClasses, FollowFromTheKey) {
    EXPECT_EQ(class_of("pitches/7/song.wav"), ObjectClass::original);
    EXPECT_EQ(class_of("pitches/7/0b8c/song.wav"), ObjectClass::original);
    EXPECT_EQ(class_of("pitches/processed/song.wav"), ObjectClass::original) << "a pitch named processed";
    EXPECT_EQ(class_of("pitches/7/processed-by-me.wav"), ObjectClass::original);
    EXPECT_EQ(class_of("pitches/7/processed/transcoded_1.mp3"), ObjectClass::processed);
    EXPECT_EQ(class_of("uploads/0b8c/song.wav"), ObjectClass::original);
    EXPECT_EQ(class_of("temp-audio/2026-11-20/x.wav"), ObjectClass::temporary);
    EXPECT_EQ(class_of("processed-audio/x.mp3"), ObjectClass::temporary);
    EXPECT_EQ(class_of("backup.tar"), ObjectClass::other);
}

TEST(PriceTable, HasListPricesThatMayBeChanged) {
    EXPECT_FALSE(prices_of("local", {}));
    EXPECT_DOUBLE_EQ(prices_of("s3", {})->storage_gb_month, 0.023);
    EXPECT_DOUBLE_EQ(prices_of("r2", {})->transfer_gb, 0);
    const auto own = prices_of("s3", {"storage_gb_month=0.01", "transfer_gb=0"});
    EXPECT_DOUBLE_EQ(own->storage_gb_month, 0.01);
    EXPECT_DOUBLE_EQ(own->write_1000, 0.005);
    EXPECT_NE(own->source.find("report.prices"), std::string::npos);
    EXPECT_DOUBLE_EQ(prices_of("local", {"storage_gb_month=0.1"})->storage_gb_month, 0.1);
    for (const char* wrong : {"storage=1", "storage_gb_month", "storage_gb_month=", "storage_gb_month=x",
                              "storage_gb_month=-1", "storage_gb_month=inf", "=1", ""})
        EXPECT_THROW(prices_of("s3", {wrong}), Error) << wrong;
}

class ReportTest : public testing::Test {
  protected:
    void put(std::string_view key, std::size_t size, const std::string& maker = {}) {
        put(store_, key, size, maker);
    }
    void put(storage::ObjectStore& store, std::string_view key, std::size_t size,
             const std::string& maker = {}) {
        storage::ObjectAttributes attributes;
        if (!maker.empty()) attributes.metadata["processing_source"] = maker;
        const auto writer = store.create(storage::Key::parse(key), attributes);
        writer->write(as_bytes(std::string(size, 'x')));
        writer->commit();
    }

    /// A clean-up job that ended with `result`; none: it waits.
    void clean_up(const std::string& result) {
        queue_.enqueue({"cleanup", R"({"keys": ["temp-audio/a", "temp-audio/b", "temp-audio/c"]})",
                        result.empty() ? std::optional(clock_.now() + std::chrono::hours(1)) : std::nullopt,
                        ""});
        if (result.empty()) return;
        const auto lease = queue_.lease({});
        queue_.done(lease->job.id, lease->token, result);
    }

    /// A clean-up job of these keys whose only attempt failed, so that it is dead.
    void clean_up_in_vain(const std::string& keys) {
        queue_.enqueue({"cleanup", R"({"keys": )" + keys + "}", std::nullopt, ""});
        const auto lease = queue_.lease({});
        queue_.failed(lease->job.id, lease->token, "the store is away", {true, {}});
    }

    StorageReport make(std::optional<Prices> prices = std::nullopt) {
        return Report(store_, {{store_, std::move(prices)}}, queue_, clock_, prefixes)
            .make([](std::uint64_t) {}, {});
    }

    ManualClock clock_{from_unix_seconds(1'795'187'411)};
    storage::MemoryStore store_{clock_};
    jobs::Limits limits_{.attempts = 1};
    jobs::MemoryJobQueue queue_{clock_, limits_};
};

TEST_F(ReportTest, OfAnEmptyStoreHasNoRatios) {
    const boost::json::object json = to_json(make());
    EXPECT_EQ(json.at("classes").at("originals").at("objects").to_number<int>(), 0);
    EXPECT_TRUE(json.at("copies_per_original").is_null());
    EXPECT_TRUE(json.at("prices").is_null());
    EXPECT_TRUE(json.at("cost_per_month").is_null());
}

TEST_F(ReportTest, CountsEveryPageOfTheBucketByClass) {
    for (int i = 0; i < 2'500; ++i) put("pitches/7/" + std::to_string(i) + ".wav", 10);
    put("pitches/7/processed/a.mp3", 300);
    put("temp-audio/2026-11-20/x.wav", 5);
    put("notes.txt", 1);
    const StorageReport report = make();
    EXPECT_EQ(report.of(ObjectClass::original).objects, 2'500u);
    EXPECT_EQ(report.of(ObjectClass::original).bytes, 25'000u);
    EXPECT_EQ(report.of(ObjectClass::processed).bytes, 300u);
    EXPECT_EQ(report.of(ObjectClass::temporary).objects, 1u);
    EXPECT_EQ(report.of(ObjectClass::other).objects, 1u);
    EXPECT_EQ(sum(report.totals).objects, 2'503u);
}

TEST_F(ReportTest, TellsCopiesAndWhatTheThreeCopyWayWouldHaveMoved) {
    put("pitches/7/a.wav", 1'000);
    put("pitches/7/b.wav", 1'000);
    put("pitches/7/processed/a.mp3", 400, "fadeout");
    put("pitches/7/processed/b.mp3", 600, "fadeout");
    put("temp-audio/2026-11-20/x.wav", 5);
    StorageReport report = make();
    EXPECT_DOUBLE_EQ(copies_per_original(report).value(), 2) << "speech is no copy";
    EXPECT_DOUBLE_EQ(copies_per_original_three_copy(report).value(), 3);
    EXPECT_EQ(avoided(report).objects_written, 2u);
    EXPECT_EQ(avoided(report).bytes_moved, 2'000u);
    EXPECT_EQ(avoided(report).requests, 6u);

    put("processed-audio/c.mp3", 400);
    put("pitches/7/processed/c.mp3", 400, "aws_lambda");  // fetched and stored again
    for (int i = 0; i < 50; ++i) put("pitches/7/processed/old" + std::to_string(i), 400);  // the old stack's
    report = make();
    EXPECT_DOUBLE_EQ(copies_per_original(report).value(), 28);
    EXPECT_EQ(avoided(report).objects_written, 2u) << "nobody else's results are credited";
    EXPECT_EQ(avoided(report).bytes_moved, 2'000u);
}

TEST_F(ReportTest, CountsWhatCleanUpJobsDid) {
    clean_up(R"({"deleted": 2, "refused": 1, "failed": 0})");
    clean_up(R"({"deleted": 1, "refused": 0, "failed": 0})");
    clean_up("");
    const TemporaryFileCounts files = make().temporary_files;
    EXPECT_EQ(files.cleaned, 3u);
    EXPECT_EQ(files.refused, 1u);
    EXPECT_EQ(files.failed, 0u);
    EXPECT_EQ(files.waiting, 3u) << "files, not jobs";
    clean_up_in_vain(R"(["temp-audio/d", "temp-audio/e"])");
    EXPECT_EQ(make().temporary_files.failed, 2u);
    EXPECT_EQ(make().temporary_files.waiting, 3u);
}

TEST_F(ReportTest, ReckonsWithThePrices) {
    StorageReport report;
    report.totals[static_cast<std::size_t>(ObjectClass::processed)] = report.own = {1'000, 100ULL << 30};
    report.stores = {{"s3", "audio", report.totals, prices_of("s3", {})}};
    const boost::json::object json = to_json(report);
    EXPECT_DOUBLE_EQ(json.at("cost_per_month").to_number<double>(), 2.3);
    EXPECT_DOUBLE_EQ(json.at("avoided").at("cost").to_number<double>(), 9.0054);
    const std::string page = to_markdown(report);
    EXPECT_NE(page.find("| processed | 1000 | 107.4 GB | $2.30 |"), std::string::npos) << page;
    EXPECT_NE(page.find("us-east-1, 2026-11"), std::string::npos);
    EXPECT_EQ(page.find("In each store"), std::string::npos);
}

TEST_F(ReportTest, TellsOfTwoStoresWhatLiesInEach) {
    storage::MemoryStore second(clock_);
    put("pitches/7/a.wav", 1'000);
    put("pitches/7/processed/a.mp3", 1ULL << 20);
    put(second, "pitches/7/a.wav", 1'000);
    const std::vector<PricedStore> stores{{store_, prices_of("", {"storage_gb_month=1024"})},
                                          {second, prices_of("", {"storage_gb_month=2048"})}};
    const StorageReport report =
        Report(store_, stores, queue_, clock_, prefixes).make([](std::uint64_t) {}, {});
    EXPECT_EQ(sum(report.totals).objects, 2u) << "an object in both is one";
    EXPECT_DOUBLE_EQ(copies_per_original(report).value(), 2);
    const boost::json::object json = to_json(report);
    const boost::json::array& each = json.at("stores").as_array();
    ASSERT_EQ(each.size(), 2u);
    EXPECT_EQ(each[0].at("classes").at("processed").at("bytes").to_number<int>(), 1 << 20);
    EXPECT_EQ(each[1].at("classes").at("processed").at("bytes").to_number<int>(), 0);
    EXPECT_EQ(each[1].at("classes").at("originals").at("objects").to_number<int>(), 1);
    const double thousand_bytes = 1'000.0 / (1 << 20);
    EXPECT_NEAR(each[1].at("cost_per_month").to_number<double>(), 2 * thousand_bytes, 1e-4);
    EXPECT_NEAR(json.at("cost_per_month").to_number<double>(), 1 + 3 * thousand_bytes, 1e-4) << "of both";
    EXPECT_NE(to_markdown(report).find("| second: local, bucket memory | 1 | 1.0 kB |"), std::string::npos)
        << to_markdown(report);
}

TEST_F(ReportTest, EndsWhenItIsTold) {
    std::stop_source stop;
    stop.request_stop();
    Report report(store_, {{store_, std::nullopt}}, queue_, clock_, prefixes);
    EXPECT_THROW(report.make([](std::uint64_t) {}, stop.get_token()), Error);
}

}  // namespace
}  // namespace fadeout::service
