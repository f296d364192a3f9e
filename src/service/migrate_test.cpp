#include "service/migrate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>

#include "storage/test_faulty_store.h"

namespace fadeout::service {
namespace {

using storage::FaultyStore;
using storage::get;
using storage::Key;
using storage::put;
using ::testing::HasSubstr;

class Migrate : public testing::Test {
  protected:
    MigrateSummary run(MigrateOptions options = {}) {
        items_.clear();
        MigrateObserver observer;
        observer.on_item = [&](const MigrateItem& item) {
            items_[item.key] = item.action + " " + item.reason;
        };
        observer.on_progress = [&](const MigrateProgress& progress) { progress_ = progress; };
        return migrate(from_, to_, options, observer, stop_.get_token());
    }

    ManualClock clock_{Time(std::chrono::hours(500'000))};
    FaultyStore from_{clock_, "from"}, to_{clock_, "to"};
    std::map<std::string, std::string> items_;
    MigrateProgress progress_;
    std::stop_source stop_;
};

TEST_F(Migrate, SaysWhatItCannotName) {
    struct Foreign final : FaultyStore {
        using FaultyStore::FaultyStore;
        storage::ObjectPage list(std::string_view prefix, std::string_view cursor,
                                 std::size_t limit) override {
            storage::ObjectPage page = FaultyStore::list(prefix, cursor, limit);
            page.left_out = 3;
            return page;
        }
    } from(clock_, "foreign");
    put(from, "a", "1");
    put(to_, "a", "1");
    const MigrateSummary summary = migrate(from, to_, {}, {}, stop_.get_token());
    EXPECT_EQ(summary.left_out, 3u);
    EXPECT_THAT(to_text(summary), HasSubstr("Left out 3"));
    EXPECT_THAT(to_text(run()), testing::Not(HasSubstr("Left out")));
}

TEST_F(Migrate, CopiesWhatIsMissingOrDifferentAndNothingTwice) {
    for (int i = 0; i < 2500; ++i) put(from_, "a/" + std::to_string(i), "content " + std::to_string(i));
    put(from_, "z/large", std::string(9 << 20, 'x'),
        {.content_type = "audio/x-own", .metadata = {{"n", "1"}}});
    put(to_, "a/7", "content 8");
    put(to_, "a/8", "content 8");
    put(to_, "b/other", "stays");
    const MigrateSummary first = run({.count_first = true});
    EXPECT_EQ(first.copied, 2500u);
    EXPECT_EQ(first.skipped, 1u);
    EXPECT_EQ(first.failed, 0u);
    EXPECT_EQ(first.only_in_destination, 1u);
    EXPECT_GT(first.bytes, 9u << 20);
    EXPECT_TRUE(first.complete);
    EXPECT_FALSE(first.safe_to_cut_over());
    EXPECT_EQ(progress_.objects, 2501u);
    EXPECT_EQ(progress_.total_objects, 2501u);
    EXPECT_EQ(progress_.bytes, progress_.total_bytes);
    EXPECT_EQ(get(to_, "a/7"), "content 7");
    EXPECT_EQ(get(to_, "b/other"), "stays");
    EXPECT_EQ(to_.head(Key::parse("z/large"))->attributes.content_type, "audio/x-own");

    const MigrateSummary second = run();
    EXPECT_EQ(second.copied, 0u);
    EXPECT_EQ(second.skipped, 2501u);
    EXPECT_EQ(second.bytes, 0u);
    EXPECT_TRUE(second.safe_to_cut_over());
    EXPECT_THAT(to_text(second), HasSubstr("Safe to cut over: 2501 objects"));
    EXPECT_TRUE(to_json(second).at("safe_to_cut_over").as_bool());
}

TEST_F(Migrate, ADryRunOnlyTells) {
    put(from_, "missing", "x");
    put(from_, "different", "x");
    put(from_, "same", "x");
    put(to_, "different", "y");
    put(to_, "same", "x");
    const MigrateSummary summary = run({.dry_run = true});
    EXPECT_EQ(summary.copied, 2u);
    EXPECT_EQ(summary.bytes, 2u);
    EXPECT_EQ(summary.skipped, 1u);
    EXPECT_FALSE(summary.safe_to_cut_over());
    EXPECT_EQ(items_, (std::map<std::string, std::string>{{"missing", "copy missing"},
                                                          {"different", "copy different"}}));
    EXPECT_EQ(get(to_, "missing"), "(absent)");
    EXPECT_EQ(get(to_, "different"), "y");
    run();
    EXPECT_TRUE(run({.dry_run = true}).safe_to_cut_over());
}

TEST_F(Migrate, MayLeaveAloneWhatIsThere) {
    put(from_, "missing", "x");
    put(from_, "different", "old");
    put(to_, "different", "newer");
    const MigrateSummary summary = run({.missing_only = true});
    EXPECT_EQ(summary.copied, 1u);
    EXPECT_EQ(get(to_, "different"), "newer");
    EXPECT_FALSE(run({.missing_only = true}).safe_to_cut_over()) << "not compared";
}

TEST_F(Migrate, FailuresAreNamedAndTheRestGoesOn) {
    for (int i = 0; i < 50; ++i) put(from_, std::to_string(i), "x");
    std::atomic<int> writes{0};
    to_.before = [&](std::string_view call) {
        if (call == "commit" && ++writes == 20) throw Error(ErrorKind::denied, "not permitted");
    };
    const MigrateSummary summary = run();
    EXPECT_EQ(summary.failed, 1u);
    EXPECT_EQ(summary.copied, 49u);
    ASSERT_EQ(items_.size(), 1u);
    EXPECT_EQ(items_.begin()->second, "failed not permitted");
    EXPECT_FALSE(summary.safe_to_cut_over());
    EXPECT_THAT(to_text(summary), HasSubstr("some objects failed"));
    to_.mend();
    EXPECT_EQ(run().copied, 1u);
    EXPECT_TRUE(run().safe_to_cut_over());
}

TEST_F(Migrate, WhatChangesMeanwhileIsNotTakenForTheSame) {
    put(from_, "k", "first");
    bool changed = false;
    to_.before = [&](std::string_view call) {
        if (call == "open" && !std::exchange(changed, true)) put(from_.inner, "k", "second");
    };
    EXPECT_FALSE(run().safe_to_cut_over());
    EXPECT_EQ(get(to_, "k"), "second");
}

TEST_F(Migrate, WhatIsRemovedMeanwhileIsNotBroughtBack) {
    put(from_, "k", "x");
    put(from_, "other", "x");
    to_.before = [&](std::string_view call) {
        if (call == "commit done") from_.inner.remove(std::vector{Key::parse("k")});
    };
    const MigrateSummary summary = run({.threads = 1});
    EXPECT_EQ(summary.vanished, 1u);
    EXPECT_EQ(summary.copied, 1u);
    EXPECT_EQ(get(to_, "k"), "(absent)");
}

TEST_F(Migrate, StopsAndGoesOnLater) {
    for (int i = 0; i < 200; ++i) put(from_, std::to_string(i), "x");
    std::atomic<int> writes{0};
    to_.before = [&](std::string_view call) {
        if (call == "commit done" && ++writes == 50) stop_.request_stop();
    };
    const MigrateSummary stopped = run();
    EXPECT_FALSE(stopped.complete);
    EXPECT_LT(stopped.copied, 100u);
    EXPECT_THAT(to_text(stopped), HasSubstr("Run it again to go on"));
    stop_ = std::stop_source();
    EXPECT_EQ(run().copied + stopped.copied, 200u);
}

TEST_F(Migrate, AnEmptySourceIsNoProof) {
    const MigrateSummary summary = run();
    EXPECT_FALSE(summary.safe_to_cut_over());
    EXPECT_THAT(to_text(summary), HasSubstr("Check that it is the right one"));
}

TEST_F(Migrate, AStoreThatCannotBeListedIsAnError) {
    for (int i = 0; i < 100; ++i) put(from_, std::to_string(i), "x");
    to_.breaks_at("list");
    EXPECT_THROW(run(), Error);
    to_.mend();
    from_.breaks_at("list");
    EXPECT_THROW(run(), Error);
}

}  // namespace
}  // namespace fadeout::service
