#include "storage/pair/mirror_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/test_faulty_store.h"

namespace fadeout::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Mirror : public testing::TestWithParam<MirrorMode> {
  protected:
    /// The Error of `call`, or one that says there was none.
    static Error failure_of(const std::function<void()>& call) {
        try {
            call();
        } catch (const Error& error) {
            return error;
        }
        return {ErrorKind::invalid, "no error"};
    }
    bool both() const { return GetParam() == MirrorMode::both; }

    ManualClock clock_{Time(std::chrono::hours(500'000))};
    std::vector<std::string> repairs_;
    std::vector<Missed> missed_;
    std::vector<Duration> delays_;
    std::vector<std::string> log_;
    bool queue_works_ = true;
    FaultyStore* first_ = new FaultyStore(clock_, "one");
    FaultyStore* second_ = new FaultyStore(clock_, "two");
    MirrorStore store_{std::unique_ptr<ObjectStore>(first_),
                       std::unique_ptr<ObjectStore>(second_),
                       {.mode = GetParam(),
                        .ask_for_repair =
                            [this](const Key& key, Missed missed, Duration delay) {
                                if (!queue_works_) throw Error(ErrorKind::unavailable, "no queue");
                                repairs_.push_back(key.str());
                                missed_.push_back(missed);
                                delays_.push_back(delay);
                            },
                        .log = [this](Severity, const std::string& text) { log_.push_back(text); }}};
};

INSTANTIATE_TEST_SUITE_P(Modes, Mirror, testing::Values(MirrorMode::both, MirrorMode::repair),
                         [](const auto& mode) { return mode.param == MirrorMode::both ? "both" : "repair"; });

TEST_P(Mirror, WritesPatchesAndRemovesInBoth) {
    const auto writer =
        store_.create(Key::parse("k"), {.content_type = "audio/x-one", .metadata = {{"n", "1"}}});
    writer->write(as_bytes("1234"));
    writer->patch(1, as_bytes("--"));
    writer->commit();
    for (ObjectStore* side : {first_, second_}) {
        EXPECT_EQ(get(*side, "k"), "1--4");
        EXPECT_EQ(side->head(Key::parse("k"))->attributes.metadata.at("n"), "1");
    }
    EXPECT_FALSE(store_.remove(std::vector{Key::parse("k")}).front().error);
    EXPECT_EQ(get(*first_, "k"), "(absent)");
    EXPECT_EQ(get(*second_, "k"), "(absent)");
    EXPECT_THAT(repairs_, IsEmpty());
}

/// A thread that cannot be begun, say: it is no Error, and leaves the two as different as one does.
TEST_P(Mirror, WhateverIsThrownAtTheEndLeavesNoDifferenceUnnoticed) {
    FaultyStore& last = both() ? *first_ : *second_;
    last.before_each("commit", [] { throw std::runtime_error("no thread"); });
    const Error error = failure_of([&] { put(store_, "k", "new"); });
    EXPECT_EQ(error.kind(), both() ? ErrorKind::internal : ErrorKind::invalid);
    const bool is_alike = get(*first_, "k") == get(*second_, "k");
    EXPECT_TRUE(is_alike || repairs_ == std::vector<std::string>{"k"});
    EXPECT_EQ(get(*first_, "k"), both() ? "(absent)" : "new");
}

TEST_P(Mirror, AFirstStoreThatFailsLeavesNothingAnywhere) {
    for (const char* call : {"create", "write", "commit"}) {
        first_->breaks_at(call);
        const Error error = failure_of([&] { put(store_, "k", "new"); });
        EXPECT_EQ(error.kind(), ErrorKind::unavailable) << call;
        EXPECT_EQ(get(*first_, "k"), "(absent)") << call;
        EXPECT_EQ(get(*second_, "k"), "(absent)") << call;
    }
    EXPECT_THAT(failure_of([&] { put(store_, "k", "new"); }).what(),
                HasSubstr("first store (local, bucket one)"));
}

TEST_P(Mirror, ASecondStoreThatFailsIsAFailureOrWaitsForRepair) {
    for (const char* call : {"create", "write", "commit"}) {
        repairs_.clear();
        const std::string key = std::string("k-") + call;
        second_->breaks_at(call);
        const Error error = failure_of([&] { put(store_, key, "new"); });
        EXPECT_EQ(get(*second_, key), "(absent)") << call;
        if (both()) {
            EXPECT_THAT(error.what(), HasSubstr("second store (local, bucket two)")) << call;
            EXPECT_EQ(get(*first_, key), "(absent)") << call;
        } else {
            EXPECT_STREQ(error.what(), "no error") << call;
            EXPECT_EQ(get(*first_, key), "new") << call;
            EXPECT_THAT(repairs_, ElementsAre(key)) << call;
            EXPECT_EQ(missed_.back(), Missed::write) << call;
        }
    }
}

TEST_P(Mirror, WhatWasReplacedInTheSecondOnlyWaitsForRepair) {
    put(store_, "k", "old");
    first_->breaks_at("commit");
    EXPECT_EQ(failure_of([&] { put(store_, "k", "new"); }).kind(), ErrorKind::unavailable);
    EXPECT_EQ(get(store_, "k"), "old");
    EXPECT_THAT(repairs_, ElementsAre("k"));
}

/// The first store holds it, although it said that it failed: the second must not lose it for good.
TEST_P(Mirror, AnAnswerThatWasLostEndsInARepair) {
    first_->breaks_at("commit done");
    EXPECT_EQ(failure_of([&] { put(store_, "k", "new"); }).kind(), ErrorKind::unavailable);
    EXPECT_EQ(get(store_, "k"), "new");
    EXPECT_THAT(repairs_, ElementsAre("k"));
}

TEST_P(Mirror, WhatCannotBeTakenBackWaitsForRepair) {
    if (!both()) return;  // then the second is never written before the first
    first_->breaks_at("commit");
    second_->breaks_at("remove");
    EXPECT_THROW(put(store_, "k", "new"), Error);
    EXPECT_THAT(repairs_, ElementsAre("k"));
    EXPECT_EQ(get(store_, "k"), "(absent)");
    repairs_.clear();
    queue_works_ = false;
    EXPECT_THAT(failure_of([&] { put(store_, "k", "new"); }).what(), HasSubstr("first store"));
    ASSERT_FALSE(log_.empty());
    EXPECT_THAT(log_.back(), HasSubstr("fadeout migrate"));
}

/// Between its look at the first store and the removal from the second another one wrote both.
TEST_P(Mirror, WhatIsTakenBackIsNotAnothersUnnoticed) {
    if (!both()) return;
    bool is_first_try = true;
    first_->before_each("commit", [&] {
        if (std::exchange(is_first_try, false)) throw Error(ErrorKind::unavailable, "the store is away");
    });
    second_->before_each("remove", [&] { put(store_, "k", "theirs"); });
    EXPECT_THROW(put(store_, "k", "ours"), Error);
    EXPECT_EQ(get(*first_, "k"), "theirs");
    EXPECT_TRUE(get(second_->inner, "k") == "theirs" || repairs_ == std::vector<std::string>{"k"});
}

TEST_P(Mirror, AnotherWriterInBetweenIsNoticed) {
    FaultyStore& last = both() ? *first_ : *second_;
    FaultyStore& other = both() ? *second_ : *first_;
    last.before = [&](std::string_view call) {
        if (call == "commit") put(other.inner, "k", "theirs");
    };
    put(store_, "k", "ours");
    EXPECT_THAT(repairs_, ElementsAre("k"));
    EXPECT_THAT(missed_, ElementsAre(Missed::write));
}

TEST_P(Mirror, ARemovalInBetweenIsNoticed) {
    FaultyStore& last = both() ? *first_ : *second_;
    FaultyStore& other = both() ? *second_ : *first_;
    last.before = [&](std::string_view call) {
        if (call == "commit") other.inner.remove(std::vector{Key::parse("k")});
    };
    put(store_, "k", "ours");
    EXPECT_THAT(repairs_, ElementsAre("k"));
    EXPECT_THAT(missed_, ElementsAre(Missed::removal));
}

TEST_P(Mirror, ASecondCopyIsNeverMissedUnnoticed) {
    if (both()) return;
    second_->breaks();
    queue_works_ = false;
    EXPECT_EQ(failure_of([&] { put(store_, "k", "new"); }).kind(), ErrorKind::unavailable);
    put(first_->inner, "k", "new");
    const auto removed = store_.remove(std::vector{Key::parse("k")});
    ASSERT_TRUE(removed.front().error);
    EXPECT_EQ(removed.front().error->kind(), ErrorKind::unavailable);
    EXPECT_EQ(get(*first_, "k"), "new") << "it stays listed and due";
}

TEST_P(Mirror, RemovesWithAResultPerKeyAndStaysListedUntilBothAreGone) {
    put(store_, "a", "x");
    put(store_, "b", "x");
    second_->breaks_at("remove", ErrorKind::denied);
    const auto results = store_.remove(std::vector{Key::parse("a"), Key::parse("b")});
    ASSERT_EQ(results.size(), 2u);
    for (const RemoveResult& result : results) EXPECT_EQ(result.error.has_value(), both());
    EXPECT_EQ(store_.list("", {}, 9).objects.size(), both() ? 2u : 0u);
    if (!both()) {
        EXPECT_THAT(repairs_, ElementsAre("a", "b"));
        EXPECT_THAT(missed_, ElementsAre(Missed::removal, Missed::removal));
        EXPECT_THAT(delays_, ElementsAre(MirrorStore::removal_delay, MirrorStore::removal_delay))
            << "not before the first store has removed them";
    }
}

/// A crash between the two would leave what nobody lists.
TEST_P(Mirror, WhatTheSecondMissesIsNotedBeforeTheFirstRemovesIt) {
    put(store_, "a", "x");
    put(store_, "b", "x");
    second_->stuck = {"a"};
    std::vector<std::string> noted;
    first_->before_each("remove", [&] { noted = repairs_; });
    store_.remove(std::vector{Key::parse("a"), Key::parse("b")});
    EXPECT_EQ(noted, both() ? std::vector<std::string>{} : std::vector<std::string>{"a"});
    EXPECT_EQ(get(*first_, "a"), both() ? "x" : "(absent)");
    EXPECT_EQ(get(*first_, "b"), "(absent)");
    EXPECT_EQ(get(*second_, "b"), "(absent)");
}

TEST_P(Mirror, AWriteDuringARemovalIsNoticed) {
    put(store_, "k", "old");
    first_->before_each("remove", [&] { put(second_->inner, "k", "new"); });
    EXPECT_FALSE(store_.remove(std::vector{Key::parse("k")}).front().error);
    EXPECT_THAT(repairs_, ElementsAre("k"));
    EXPECT_THAT(missed_, ElementsAre(Missed::removal));
}

TEST_P(Mirror, AFirstStoreThatKeepsItsObjectIsAFailure) {
    put(store_, "a", "x");
    first_->breaks_at("remove", ErrorKind::denied);
    const auto results = store_.remove(std::vector{Key::parse("a")});
    ASSERT_TRUE(results.front().error);
    EXPECT_EQ(results.front().error->kind(), ErrorKind::unavailable) << "no refusal: half of it is done";
    EXPECT_THAT(repairs_, ElementsAre("a")) << "the second has lost it already";
}

TEST_P(Mirror, ReadsAndLinksAreTheFirstOnes) {
    put(second_->inner, "stray", "x");
    EXPECT_EQ(get(store_, "stray"), "(absent)");
    EXPECT_TRUE(store_.list("", {}, 9).objects.empty());
    const Key key = Key::parse("k");
    EXPECT_THAT(store_.presign(LinkMethod::get, key, std::chrono::hours(1), {}), HasSubstr("http://one/"));
    EXPECT_THAT(repairs_, IsEmpty());
    store_.presign(LinkMethod::put, key, std::chrono::hours(1), {});
    EXPECT_THAT(repairs_, ElementsAre("k")) << "the upload goes past us";
    EXPECT_THAT(missed_, ElementsAre(Missed::write));
    EXPECT_THAT(delays_, ElementsAre(std::chrono::hours(1) + late_upload)) << "it may end as late";
}

TEST_P(Mirror, CheckSaysWhichStoreIsWrong) {
    second_->breaks(ErrorKind::denied);
    if (both()) {
        const Error error = failure_of([&] { store_.check(); });
        EXPECT_EQ(error.kind(), ErrorKind::denied);
        EXPECT_THAT(error.what(), HasSubstr("The second store (local, bucket two): "));
    } else {
        store_.check();  // the first one decides
        EXPECT_EQ(store_.remove_unfinished(clock_.now()), 0u);
    }
    first_->breaks();
    EXPECT_THAT(failure_of([&] { store_.check(); }).what(),
                HasSubstr("The first store (local, bucket one): "));
}

}  // namespace
}  // namespace fadeout::storage
