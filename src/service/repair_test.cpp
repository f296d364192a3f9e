#include "service/repair.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "jobs/memory/memory_job_queue.h"
#include "service/jobs.h"
#include "service/resigned_links.h"
#include "storage/pair/failover_store.h"
#include "storage/pair/mirror_store.h"
#include "storage/test_faulty_store.h"

namespace fadeout::service {
namespace {

using storage::FaultyStore;
using storage::get;
using storage::Key;
using storage::Missed;
using storage::put;

class Repair : public testing::Test {
  protected:
    std::unique_ptr<storage::ObjectStore> owned(FaultyStore*& store, const char* bucket) {
        store = new FaultyStore(clock_, bucket);
        return std::unique_ptr<storage::ObjectStore>(store);
    }
    StorePair pair(bool is_mirror) const {
        return {*first_, *second_, is_mirror, is_mirror ? "mirror:one,two" : "failover:one,two"};
    }
    void ask(const Key& key, Duration delay, Missed missed = Missed::write) {
        ask_for_repair(queue_, clock_, "mirror:one,two", key, missed, delay);
    }
    std::string_view run(const char* key, bool is_mirror, Missed missed = Missed::removal) {
        return repair(pair(is_mirror), Key::parse(key), missed, {});
    }
    /// Runs the due jobs as a worker would; their results.
    std::vector<std::string> work(const StorePair& stores, RepairOptions options = {}) {
        Jobs jobs(queue_, {repair_job(stores, queue_, clock_, options)});
        std::vector<std::string> results;
        while (const auto lease = queue_.lease({})) {
            try {
                results.push_back(jobs.run(lease->job, {}, {}));
                queue_.done(lease->job.id, lease->token, results.back());
            } catch (const Error& error) {
                queue_.failed(lease->job.id, lease->token, error.what(), is_retryable(error.kind()));
            }
        }
        return results;
    }
    /// As a worker would: an attempt that failed comes back.
    void repair_or_ask(const StorePair& stores, const Key& key) {
        try {
            repair(stores, key, Missed::removal, {});
        } catch (const Error&) {
            ask(key, Duration(0), Missed::removal);
        }
    }
    std::size_t count(jobs::State state) { return queue_.counts()[state]; }

    ManualClock clock_{Time(std::chrono::hours(500'000))};
    jobs::MemoryJobQueue queue_{clock_};
    FaultyStore *first_ = nullptr, *second_ = nullptr;
    storage::MirrorStore mirror_{
        owned(first_, "one"),
        owned(second_, "two"),
        {storage::MirrorMode::repair, [this](const Key& k, Missed m, Duration d) { ask(k, d, m); },
         [](Severity, const std::string&) {}}};
};

TEST_F(Repair, MakesTheSecondWhatTheFirstIs) {
    put(*first_, "new", "x");
    put(*first_, "other", "x");
    put(*second_, "other", "y");
    put(*second_, "gone", "x");
    EXPECT_EQ(run("new", true), "copied");
    EXPECT_EQ(run("other", true), "copied");
    EXPECT_EQ(run("gone", true), "removed");
    EXPECT_EQ(run("none", true), "nothing to do");
    EXPECT_EQ(run("new", true), "nothing to do") << "a second time";
    EXPECT_EQ(get(*second_, "new"), "x");
    EXPECT_EQ(get(*second_, "other"), "x");
    EXPECT_EQ(get(*second_, "gone"), "(absent)");
}

TEST_F(Repair, AMirrorMendsWhatItsSecondMissed) {
    second_->breaks();
    put(mirror_, "a", "1");
    put(mirror_, "a", "2");
    EXPECT_FALSE(mirror_.remove(std::vector{Key::parse("b")}).front().error);
    EXPECT_EQ(count(jobs::State::queued), 2u) << "one for each key";
    second_->mend();
    put(*second_, "b", "x");
    EXPECT_EQ(work(pair(true)).size(), 1u);
    EXPECT_EQ(get(*second_, "a"), "2");
    clock_.advance(storage::MirrorStore::removal_delay);
    EXPECT_EQ(work(pair(true)).size(), 1u);
    EXPECT_EQ(get(*second_, "b"), "(absent)");
    second_->breaks();
    put(mirror_, "a", "3");
    EXPECT_EQ(count(jobs::State::queued), 1u) << "one that is done does not serve for what came later";
}

TEST_F(Repair, ARunningRepairDoesNotServeForWhatCameLater) {
    ask(Key::parse("k"), Duration(0));
    const auto lease = queue_.lease({});
    ASSERT_TRUE(lease);
    ask(Key::parse("k"), Duration(0));
    EXPECT_EQ(count(jobs::State::queued), 1u);
}

TEST_F(Repair, OneThatIsPutOffDoesNotServeForOneThatIsDue) {
    ask(Key::parse("k"), std::chrono::hours(1));
    EXPECT_TRUE(work(pair(true)).empty());
    ask(Key::parse("k"), Duration(0));
    EXPECT_EQ(work(pair(true)).size(), 1u);
    clock_.advance(std::chrono::hours(1));
    EXPECT_EQ(work(pair(true)).size(), 1u);
}

TEST_F(Repair, IsNeverGivenUpWhileAStoreIsAway) {
    put(*first_, "k", "x");
    second_->breaks();
    ask(Key::parse("k"), Duration(0));
    std::vector<std::string> results;
    for (int i = 0; i < 5; ++i) {
        results = work(pair(true));
        clock_.advance(std::chrono::minutes(6));
    }
    ASSERT_EQ(results.size(), 1u);
    EXPECT_THAT(results[0], testing::HasSubstr(R"("outcome":"postponed")"));
    EXPECT_EQ(count(jobs::State::dead), 0u);
    second_->mend();
    clock_.advance(std::chrono::minutes(10));
    EXPECT_EQ(work(pair(true)).size(), 1u);
    EXPECT_EQ(get(*second_, "k"), "x");
}

/// A bucket's policy, or a full disk, may be mended as well.
TEST_F(Repair, IsNeverGivenUpForWhatOnlyAPersonMends) {
    put(*first_, "k", "x");
    second_->breaks(ErrorKind::denied);
    ask(Key::parse("k"), Duration(0));
    EXPECT_THAT(work(pair(true)), testing::ElementsAre(testing::HasSubstr(R"("outcome":"postponed")")));
    second_->mend();
    clock_.advance(std::chrono::minutes(10));
    work(pair(true));
    EXPECT_EQ(get(*second_, "k"), "x");
}

/// A late upload is the only copy of its content.
TEST_F(Repair, OneOfAWriteRemovesNothing) {
    put(*second_, "late", "x");
    EXPECT_EQ(run("late", true, Missed::write), "nothing to do");
    EXPECT_EQ(get(*second_, "late"), "x");
}

/// But what it copied itself while the source was removed.
TEST_F(Repair, OneOfAWriteLeavesNoCopyOfWhatIsRemovedMeanwhile) {
    put(*first_, "k", "x");
    second_->before = [&](std::string_view call) {
        if (call == "commit") first_->inner.remove(std::vector{Key::parse("k")});
    };
    run("k", true, Missed::write);
    EXPECT_EQ(get(second_->inner, "k"), "(absent)");
}

TEST_F(Repair, OneOfARemovalServesNotForAWriteNorTheOtherWayRound) {
    ask(Key::parse("k"), Duration(0), Missed::write);
    ask(Key::parse("k"), Duration(0), Missed::removal);
    put(*second_, "k", "x");
    EXPECT_EQ(work(pair(true)).size(), 2u);
    EXPECT_EQ(get(*second_, "k"), "(absent)");
}

/// After a move the stores are swapped, so that one may go back: what was noted before must not run then.
TEST_F(Repair, OneOfOtherStoresDoesNothing) {
    put(*first_, "k", "x");
    const StorePair swapped{*second_, *first_, true, "mirror:two,one"};
    for (const StorePair& others : {swapped, pair(false)}) {
        ask(Key::parse("k"), Duration(0), Missed::removal);
        EXPECT_THAT(work(others), testing::ElementsAre(testing::HasSubstr("other stores")));
        EXPECT_EQ(get(*first_, "k"), "x");
        EXPECT_EQ(get(*second_, "k"), "(absent)");
    }
    EXPECT_EQ(count(jobs::State::done), 2u);
}

TEST_F(Repair, NobodyMaySubmitOne) {
    Jobs jobs(queue_, {repair_job(pair(true), queue_, clock_, {})});
    EXPECT_THROW(jobs.submit({{"type", "repair"}, {"key", "k"}}, ""), Error);
}

TEST_F(Repair, BringsHomeWhatAFailoverLeft) {
    put(*second_, "k", "x", {.content_type = "audio/x-own", .metadata = {{"fadeout-store", "local/two"}}});
    EXPECT_EQ(run("k", false), "removed");
    EXPECT_EQ(get(*first_, "k"), "x");
    EXPECT_EQ(get(*second_, "k"), "(absent)");
    EXPECT_FALSE(first_->head(Key::parse("k"))->attributes.metadata.contains("fadeout-store"));
    EXPECT_EQ(run("k", false), "nothing to do");
}

TEST_F(Repair, WhatCameHomeStaysAwayTooWhileLinksMayLeadThere) {
    put(*second_, "k", "x");
    ask_for_repair(queue_, clock_, pair(false).name, Key::parse("k"), Missed::write, Duration(0));
    Jobs jobs(queue_, {repair_job(pair(false), queue_, clock_, {})});
    const auto lease = queue_.lease({});
    EXPECT_NE(jobs.run(lease->job, [](double) {}, {}).find("brought home"), std::string::npos);
    queue_.done(lease->job.id, lease->token, "{}");
    EXPECT_EQ(get(*first_, "k"), "x");
    EXPECT_EQ(get(*second_, "k"), "x");
    clock_.advance(storage::longest_second_link);
    EXPECT_FALSE(queue_.lease({})) << "a download may begin as late";
    clock_.advance(std::chrono::hours(1));
    jobs.run(queue_.lease({}).value().job, [](double) {}, {});
    EXPECT_EQ(get(*first_, "k"), "x");
    EXPECT_EQ(get(*second_, "k"), "(absent)");
}

/// The first store fails once, right before its copy in the second is removed.
TEST_F(Repair, BringingHomeBreaksNoLink) {
    FaultyStore *one = nullptr, *two = nullptr;
    const ResignedLinks links("http://fadeout", {"id", "secret", {}}, clock_);
    Duration uptime = std::chrono::hours(1);
    storage::FailoverStore failover(
        owned(one, "one"), owned(two, "two"),
        {.ask_for_repair = [this](const Key& k, Missed m,
                                  Duration d) { ask_for_repair(queue_, clock_, pair(false).name, k, m, d); },
         .other_link = [&](const Key& key, Duration expires,
                           const storage::LinkOptions& options) { return links.make(key, expires, options); },
         .log = [](Severity, const std::string&) {},
         .uptime = [&] { return uptime; }});
    const StorePair stores{*one, *two, false, pair(false).name};
    one->breaks();
    put(failover, "k", "x");
    one->mend();
    ASSERT_EQ(work(stores).size(), 1u);
    while (two->head(Key::parse("k"))) {
        one->breaks();
        uptime += storage::FailoverStore::cool_down;
        const std::string link =
            failover.presign(storage::LinkMethod::get, Key::parse("k"), std::chrono::hours(24), {});
        one->mend();
        clock_.advance(std::chrono::minutes(30));
        work(stores);
        const std::string start = "http://fadeout/l/";
        ASSERT_THAT(link, testing::StartsWith(start));
        const std::string target =
            links.follow(failover, storage::LinkMethod::get, link.substr(start.size()));
        EXPECT_THAT(target, testing::StartsWith(two->head(Key::parse("k")) ? "http://two/" : "http://one/"));
    }
}

TEST_F(Repair, BringsHomeOnlyWhatIsNewer) {
    put(*second_, "k", "old");
    clock_.advance(Duration(1000));
    put(*first_, "k", "new");
    EXPECT_EQ(run("k", false), "removed");
    EXPECT_EQ(get(*first_, "k"), "new");
    clock_.advance(Duration(1000));
    put(*second_, "k", "newest");
    run("k", false);
    EXPECT_EQ(get(*first_, "k"), "newest");
}

TEST_F(Repair, ALaterVersionIsNotRemovedWithTheOneBroughtHome) {
    put(*second_, "k", "one");
    bool written = false;
    first_->before = [&](std::string_view call) {
        if (call == "commit done" && !std::exchange(written, true)) put(second_->inner, "k", "two");
    };
    run("k", false);
    EXPECT_EQ(get(*first_, "k"), "two");
}

TEST_F(Repair, AWriteAtHomeMeanwhileStays) {
    for (const bool is_there : {false, true}) {
        if (is_there) put(*first_, "k", "older");
        put(*second_, "k", "stray");
        first_->before = [&](std::string_view call) {
            if (call != "create") return;
            clock_.advance(Duration(1000));
            put(first_->inner, "k", "newer");
        };
        EXPECT_EQ(run("k", false), "removed");
        EXPECT_EQ(get(first_->inner, "k"), "newer") << is_there;
        first_->mend();
        EXPECT_EQ(get(*second_, "k"), "(absent)");
        first_->remove(std::vector{Key::parse("k")});
    }
}

/// It was written before the copy of its predecessor was, and yet is the newer one.
TEST_F(Repair, ALaterVersionCountsMoreThanTheCopyOfTheOneBefore) {
    put(*second_, "k", "one");
    clock_.advance(Duration(1000));
    bool written = false;
    first_->before = [&](std::string_view call) {
        if (call != "commit" || std::exchange(written, true)) return;
        put(second_->inner, "k", "two");
        clock_.advance(Duration(1000));
    };
    run("k", false);
    EXPECT_EQ(get(*first_, "k"), "two");
}

/// The one that is done removes the stray object while the other one still copies it.
TEST_F(Repair, TwoAtOnceLoseNothing) {
    put(*second_, "k", "x");
    bool nested = false;
    first_->before = [&](std::string_view call) {
        if (call == "commit done" && !std::exchange(nested, true)) run("k", false);
    };
    run("k", false);
    EXPECT_EQ(get(*first_, "k"), "x");
    EXPECT_EQ(get(*second_, "k"), "(absent)");
}

/// Writers, removals and repairs of a few keys at once: in the end the second is what the first is.
TEST_F(Repair, ConvergesBesideWriters) {
    for (const auto mode : {storage::MirrorMode::both, storage::MirrorMode::repair}) {
        FaultyStore *one = nullptr, *two = nullptr;
        storage::MirrorStore mirror(
            owned(one, "one"), owned(two, "two"),
            {mode, [this](const Key& k, Missed m, Duration d) { ask(k, d, m); }, [](auto, const auto&) {}});
        const StorePair stores{*one, *two, true, "mirror:one,two"};
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([&, t] {
                for (int i = 0; i < 300; ++i) {
                    const std::string key = std::to_string(i % 3);
                    if (i % 7 == t)
                        mirror.remove(std::vector{Key::parse(key)});
                    else if (i % 5 == t)
                        repair_or_ask(stores, Key::parse(key));
                    else
                        put(mirror, key, std::to_string(t) + "-" + std::to_string(i));
                }
            });
        threads.clear();
        Jobs jobs(queue_, {repair_job(stores, queue_, clock_, {})});
        while (const auto lease = queue_.lease({}))
            queue_.done(lease->job.id, lease->token, jobs.run(lease->job, {}, {}));
        for (const char* key : {"0", "1", "2"}) EXPECT_EQ(get(*one, key), get(*two, key)) << key;
    }
}

}  // namespace
}  // namespace fadeout::service
