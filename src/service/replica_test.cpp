#include "service/replica.h"

#include <gtest/gtest.h>

#include "service/digest.h"
#include "storage/test_faulty_store.h"

namespace fadeout::service {
namespace {

using storage::FaultyStore;
using storage::get;
using storage::Key;
using storage::put;

class Replica : public testing::Test {
  protected:
    Likeness likeness(const std::string& key) {
        return compare(from_, from_.inner.head(Key::parse(key))->info, to_);
    }
    Alike make(const std::string& key, WhenGone when_gone = WhenGone::keep) {
        return make_alike(from_, to_, Key::parse(key), when_gone);
    }

    ManualClock clock_{Time(std::chrono::hours(500'000))};
    FaultyStore from_{clock_, "from"}, to_{clock_, "to"};
};

TEST(Sha256, IsTheOneOfFips180) {
    Sha256 digest;
    digest.update(as_bytes("a"));
    digest.update(as_bytes("bc"));
    EXPECT_EQ(digest.hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Etags, TellOnlyWhereTheyAreEqualMd5Sums) {
    const std::string md5 = "9e107d9d372bb6826bd81d3542a419d6";
    EXPECT_TRUE(are_telling(md5, md5));
    EXPECT_TRUE(are_telling(md5 + "-63", md5 + "-63"));
    EXPECT_FALSE(are_telling(md5 + "-63", md5));
    EXPECT_FALSE(are_telling("1", "1")) << "a version counter of two stores";
    EXPECT_FALSE(are_telling("1f4-18a2b3c4d5e6f708", "1f4-18a2b3c4d5e6f708")) << "size and time";
    EXPECT_FALSE(are_telling("", ""));
}

TEST_F(Replica, TellsMissingDifferentAndSame) {
    put(from_, "k", "content");
    EXPECT_EQ(likeness("k"), Likeness::missing);
    put(to_, "k", "short");
    EXPECT_EQ(likeness("k"), Likeness::different);
    put(to_, "k", "Content");
    EXPECT_EQ(likeness("k"), Likeness::different) << "as long, other bytes";
    put(to_, "k", "content");
    EXPECT_EQ(likeness("k"), Likeness::same) << "written by somebody else";
}

TEST_F(Replica, CopiesWithAttributesOnce) {
    put(from_, "k", "content",
        {.content_type = "audio/x-own", .metadata = {{"pitch_id", "7"}, {"fadeout-store", "s3/other"}}});
    EXPECT_EQ(make("k"), Alike::copied);
    EXPECT_EQ(get(to_, "k"), "content");
    const auto attributes = to_.head(Key::parse("k"))->attributes;
    EXPECT_EQ(attributes.content_type, "audio/x-own");
    EXPECT_EQ(attributes.metadata.at("pitch_id"), "7");
    EXPECT_FALSE(attributes.metadata.contains("fadeout-store")) << "said where the source lay";
    from_.breaks_at("write");  // reading is not needed either to know that it is the same
    int reads = 0;
    to_.before = [&](std::string_view call) { reads += call == "open"; };
    EXPECT_EQ(make("k"), Alike::already);
    EXPECT_EQ(reads, 0);
    from_.mend();
    put(from_, "k", "CONTENT");
    EXPECT_EQ(make("k"), Alike::copied);
    EXPECT_EQ(get(to_, "k"), "CONTENT");
}

TEST_F(Replica, FullMetadataLeavesNoRoomForTheMark) {
    const storage::ObjectAttributes full{.content_type = "", .metadata = {{"a", std::string(2047, 'x')}}};
    put(from_, "k", "content", full);
    EXPECT_EQ(make("k"), Alike::copied);
    EXPECT_EQ(to_.head(Key::parse("k"))->attributes.metadata, full.metadata);
    EXPECT_EQ(make("k"), Alike::already) << "known by its bytes";
}

TEST_F(Replica, CopiesLargeAndEmptyObjects) {
    std::string large(3'000'001, 'x');
    for (std::size_t i = 0; i < large.size(); i += 997) large[i] = static_cast<char>(i);
    put(from_, "large", large);
    put(from_, "empty", "");
    make("large");
    make("empty");
    EXPECT_EQ(get(to_, "large"), large);
    EXPECT_EQ(get(to_, "empty"), "");
}

TEST_F(Replica, WhatDoesNotReadBackIsNoCopy) {
    put(from_, "k", "content");
    to_.before = [&](std::string_view call) {
        if (call == "commit done") put(to_.inner, "k", "CONTENT");
    };
    try {
        make("k");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::bad_source);
    }
}

/// Otherwise its mark would make it count as the same the next time.
TEST_F(Replica, ACopyThatCouldNotBeVerifiedDoesNotStay) {
    put(from_, "k", "content");
    to_.breaks_at("open");
    EXPECT_THROW(make("k"), Error);
    EXPECT_EQ(get(to_.inner, "k"), "(absent)");
}

TEST_F(Replica, ASourceThatChangesMeanwhileIsCopiedAgain) {
    put(from_, "k", "first");
    bool changed = false;
    to_.before = [&](std::string_view call) {
        if (call == "commit done" && !std::exchange(changed, true)) put(from_.inner, "k", "second");
    };
    EXPECT_EQ(make("k"), Alike::copied);
    EXPECT_EQ(get(to_, "k"), "second");
}

TEST_F(Replica, ASourceThatKeepsChangingIsAFailure) {
    put(from_, "k", "0");
    int n = 0;
    to_.before = [&](std::string_view call) {
        if (call == "commit done") put(from_.inner, "k", std::to_string(++n));
    };
    EXPECT_THROW(make("k"), Error);
}

TEST_F(Replica, ASourceThatVanishesTakesOnlyWhatItMay) {
    const auto vanish = [&](WhenGone when_gone) {
        put(from_.inner, "k", "x");
        to_.before = [&](std::string_view call) {
            if (call == "commit done") from_.inner.remove(std::vector{Key::parse("k")});
        };
        make("k", when_gone);
        to_.mend();
        return get(to_, "k");
    };
    EXPECT_EQ(vanish(WhenGone::keep), "x");
    EXPECT_EQ(make("k", WhenGone::remove_own), Alike::gone);
    EXPECT_EQ(get(to_, "k"), "x") << "was there before";
    EXPECT_EQ(make("k", WhenGone::remove), Alike::removed);
    EXPECT_EQ(vanish(WhenGone::remove_own), "(absent)");
}

TEST_F(Replica, StopsBetweenTwoPieces) {
    put(from_, "k", std::string(3'000'000, 'x'));
    std::stop_source stop;
    const CopyWatch watch{[&](std::uint64_t) { stop.request_stop(); }, stop.get_token()};
    try {
        make_alike(from_, to_, Key::parse("k"), WhenGone::keep, watch);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::cancelled);
    }
    EXPECT_EQ(get(to_, "k"), "(absent)");
}

}  // namespace
}  // namespace fadeout::service
