#include "storage/pair/failover_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/arguments.h"
#include "storage/test_faulty_store.h"

namespace fadeout::storage {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Failover : public testing::Test {
  protected:
    static ErrorKind kind_of(const std::function<void()>& call) {
        try {
            call();
        } catch (const Error& error) {
            return error.kind();
        }
        ADD_FAILURE() << "no error";
        return ErrorKind::invalid;
    }
    std::vector<std::string> keys() {
        std::vector<std::string> out;
        for (const ObjectInfo& object : store_.list("", {}, 9).objects) out.push_back(object.key.str());
        return out;
    }

    ManualClock clock_{Time(std::chrono::hours(500'000))};
    Duration uptime_{std::chrono::hours(1)};
    std::vector<std::string> repairs_;
    std::vector<Duration> delays_;
    std::vector<std::string> log_;
    std::vector<Duration> expiries_;  ///< of the links that lead through fadeout
    FaultyStore* first_ = new FaultyStore(clock_, "one");
    FaultyStore* second_ = new FaultyStore(clock_, "two");
    FailoverStore store_{std::unique_ptr<ObjectStore>(first_),
                         std::unique_ptr<ObjectStore>(second_),
                         {.ask_for_repair =
                              [this](const Key& key, Missed, Duration delay) {
                                  repairs_.push_back(key.str());
                                  delays_.push_back(delay);
                              },
                          .other_link =
                              [this](const Key& key, Duration expires, const LinkOptions& options) {
                                  expiries_.push_back(expires);
                                  return "http://fadeout/l/" + key.str() + options.download_filename;
                              },
                          .log = [this](Severity, const std::string& text) { log_.push_back(text); },
                          .uptime = [this] { return uptime_; }}};
};

TEST_F(Failover, WhileTheFirstWorksTheSecondIsLeftAlone) {
    put(store_, "k", "x");
    EXPECT_EQ(get(*first_, "k"), "x");
    EXPECT_EQ(get(*second_, "k"), "(absent)");
    EXPECT_THAT(repairs_, IsEmpty());
}

TEST_F(Failover, WhateverCallFailsTheSecondGetsAllOfIt) {
    for (const char* call : {"create", "write", "commit"}) {
        const std::string key = std::string("k-") + call;
        first_->breaks_at(call);
        const auto writer =
            store_.create(Key::parse(key), {.content_type = "audio/x-one", .metadata = {{"n", "1"}}});
        writer->write(as_bytes("123"));
        writer->write(as_bytes("456"));
        writer->patch(1, as_bytes("--"));
        writer->commit();
        EXPECT_EQ(get(*second_, key), "1--456") << call;
        const ObjectAttributes attributes = second_->head(Key::parse(key))->attributes;
        EXPECT_EQ(attributes.content_type, "audio/x-one");
        EXPECT_EQ(attributes.metadata.at("n"), "1");
        EXPECT_EQ(attributes.metadata.at("fadeout-store"), "local/two") << "recorded where it went";
        EXPECT_EQ(repairs_.back(), key);
        EXPECT_THAT(log_.back(), HasSubstr(key + " was written to the second store"));
        uptime_ += FailoverStore::cool_down;
    }
}

TEST_F(Failover, EachKindOfFailureThatTheSecondMayNotShareFailsOver) {
    for (const ErrorKind kind : {ErrorKind::unavailable, ErrorKind::timeout, ErrorKind::storage_full,
                                 ErrorKind::denied, ErrorKind::internal}) {
        first_->breaks(kind);
        put(store_, std::string(name(kind)), "x");
        EXPECT_EQ(get(*second_, std::string(name(kind))), "x");
        uptime_ += FailoverStore::cool_down;
    }
    first_->breaks(ErrorKind::too_large);
    EXPECT_EQ(kind_of([&] { put(store_, "big", "x"); }), ErrorKind::too_large);
    EXPECT_EQ(get(second_->inner, "big"), "(absent)");
}

TEST_F(Failover, ALargeObjectThatBreaksIsTriedAgainInTheSecond) {
    const std::string large(first_part_bytes + 1, 'x');
    first_->breaks_at("commit");
    EXPECT_EQ(kind_of([&] { put(store_, "large", large); }), ErrorKind::unavailable);
    EXPECT_EQ(get(second_->inner, "large"), "(absent)");
    put(store_, "large", large);
    EXPECT_EQ(get(second_->inner, "large"), large);
}

TEST_F(Failover, UpToTheFirstPartIsReplayed) {
    const std::string whole(first_part_bytes, 'x');
    first_->breaks_at("commit");
    put(store_, "whole", whole);
    EXPECT_EQ(get(second_->inner, "whole"), whole);
}

TEST_F(Failover, AfterTheCoolDownTheFirstIsTriedAgain) {
    first_->breaks();
    put(store_, "a", "x");
    first_->mend();
    put(store_, "b", "x");
    EXPECT_EQ(get(*second_, "b"), "x") << "not asked again at once";
    uptime_ += FailoverStore::cool_down;
    put(store_, "c", "x");
    EXPECT_EQ(get(*first_, "c"), "x");
}

TEST_F(Failover, FindsWhatLiesInEither) {
    put(first_->inner, "a", "one");
    put(second_->inner, "b", "two");
    EXPECT_EQ(get(store_, "a"), "one");
    EXPECT_EQ(get(store_, "b"), "two");
    EXPECT_TRUE(store_.head(Key::parse("b")));
    EXPECT_FALSE(store_.head(Key::parse("c")));
    EXPECT_THAT(keys(), ElementsAre("a", "b"));
    const auto link = [&](const char* key, LinkMethod method = LinkMethod::get) {
        return store_.presign(method, Key::parse(key), std::chrono::hours(1), {});
    };
    EXPECT_THAT(link("a"), HasSubstr("http://one/"));
    EXPECT_THAT(link("c", LinkMethod::put), HasSubstr("http://one/"));
}

/// What lies there is brought home and then removed: only who follows a link can tell where it lies then.
TEST_F(Failover, LinksToWhatTheSecondHoldsLeadThroughFadeout) {
    put(first_->inner, "a", "one");
    put(second_->inner, "a", "one");
    put(second_->inner, "b", "two");
    const auto link = [&](const char* key, LinkMethod method) {
        return store_.presign(method, Key::parse(key), std::chrono::hours(24),
                              {.content_type = "", .download_filename = "?name"});
    };
    for (const LinkMethod method : {LinkMethod::get, LinkMethod::head}) {
        EXPECT_EQ(link("b", method), "http://fadeout/l/b?name");
        EXPECT_THAT(expiries_, Contains(std::chrono::hours(24)));
        EXPECT_THAT(link("a", method), HasSubstr("http://one/"));
    }
    first_->breaks();
    EXPECT_EQ(link("a", LinkMethod::get), "http://fadeout/l/a?name");
    first_->mend();
    EXPECT_EQ(link("a", LinkMethod::get), "http://fadeout/l/a?name") << "until the first is asked again";
}

TEST_F(Failover, ALinkIntoTheSecondIsShort) {
    put(second_->inner, "b", "two");
    const auto followed = [&](Duration expires) {
        return store_.presign(LinkMethod::get, Key::parse("b"), expires,
                              {.content_type = "", .download_filename = "", .may_end_early = true});
    };
    EXPECT_THAT(followed(std::chrono::minutes(2)),
                AllOf(HasSubstr("http://two/"), HasSubstr("X-Amz-Expires=120&")));
    EXPECT_EQ(longest_second_link, std::chrono::hours(1));
    EXPECT_THAT(followed(std::chrono::hours(24)), HasSubstr("X-Amz-Expires=3600&"));
    EXPECT_THAT(expiries_, IsEmpty());
}

TEST_F(Failover, AbsenceIsToldOnlyWhenBothAnswered) {
    put(second_->inner, "b", "two");
    first_->breaks();
    EXPECT_EQ(get(store_, "b"), "two");
    EXPECT_EQ(kind_of([&] { store_.head(Key::parse("c")); }), ErrorKind::unavailable);
    EXPECT_EQ(kind_of([&] { store_.open(Key::parse("c")); }), ErrorKind::unavailable);
    EXPECT_EQ(kind_of([&] { store_.list("", {}, 9); }), ErrorKind::unavailable);
    first_->mend();
    second_->breaks();
    EXPECT_EQ(kind_of([&] { store_.head(Key::parse("c")); }), ErrorKind::unavailable);
}

TEST_F(Failover, BeforeAWriteTheWordOfOneStoreIsEnough) {
    put(first_->inner, "a", "one");
    put(second_->inner, "b", "two");
    const auto is_there = [&](const char* key) {
        return store_.head_before_write(Key::parse(key)).has_value();
    };
    const auto expect_right = [&](const char* when) {
        EXPECT_TRUE(is_there("b")) << when;
        EXPECT_FALSE(is_there("c")) << when;
    };
    expect_right("both work");
    EXPECT_TRUE(is_there("a"));
    first_->breaks();
    expect_right("the first fails");
    expect_right("the first is known to fail");
    first_->mend();
    uptime_ += FailoverStore::cool_down;
    second_->breaks();
    EXPECT_FALSE(is_there("c"));
    EXPECT_TRUE(is_there("a"));
    first_->breaks();
    EXPECT_EQ(kind_of([&] { is_there("c"); }), ErrorKind::unavailable) << "nobody can tell";
}

TEST_F(Failover, WhileTheFirstIsDownTheSecondsVersionCounts) {
    put(store_, "k", "old");
    first_->breaks();
    put(store_, "k", "new");
    EXPECT_EQ(get(store_, "k"), "new");
    first_->mend();
    EXPECT_EQ(get(store_, "k"), "new") << "written a moment ago";
}

TEST_F(Failover, UploadLinksLeadToTheStoreThatWorks) {
    first_->breaks();
    put(store_, "a", "x");
    repairs_.clear();
    EXPECT_THAT(store_.presign(LinkMethod::put, Key::parse("k"), std::chrono::hours(1), {}),
                HasSubstr("http://two/"));
    EXPECT_THAT(repairs_, ElementsAre("k"));
    EXPECT_EQ(delays_.back(), std::chrono::hours(1) + late_upload) << "the upload may end as late";
}

TEST_F(Failover, ARemovalThatMissedAStoreIsAFailure) {
    put(first_->inner, "a", "x");
    put(second_->inner, "a", "x");
    put(second_->inner, "b", "x");
    for (FaultyStore* side : {first_, second_}) {
        side->breaks_at("remove");
        const auto results = store_.remove(std::vector{Key::parse("a"), Key::parse("none")});
        EXPECT_TRUE(results[0].error);
        EXPECT_TRUE(results[1].error) << "it may be there";
        side->mend();
    }
    for (const auto& result : store_.remove(std::vector{Key::parse("a"), Key::parse("b")}))
        EXPECT_FALSE(result.error);
    EXPECT_THAT(keys(), IsEmpty());
}

TEST_F(Failover, IsWellWhileOneStoreIsAndSaysWhichIsNot) {
    first_->breaks();
    EXPECT_NO_THROW(store_.check());
    EXPECT_EQ(
        log_.back(),
        "The first store (local, bucket one): the store is away (check) The second store is used for 30 s.");
    second_->breaks();
    try {
        store_.check();
        FAIL();
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("The first store (local, bucket one)"));
        EXPECT_THAT(error.what(), HasSubstr("The second store (local, bucket two)"));
    }
}

}  // namespace
}  // namespace fadeout::storage
