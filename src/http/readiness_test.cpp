#include "http/readiness.h"

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <future>
#include <latch>

#include "base/error.h"

namespace fadeout::http {
namespace {

TEST(Readiness, NamesWhatIsWrongWithoutItsDetail) {
    Readiness readiness(
        {{"store", [] {}},
         {"records", [] { throw Error(ErrorKind::unavailable, "The disk is full", "/secret"); }},
         {"queue", [] { throw std::runtime_error("/secret"); }}},
        Duration(0));
    const Readiness::Answer answer = readiness.answer();
    EXPECT_FALSE(answer.ready);
    const boost::json::object expected{
        {"store", "ok"}, {"records", "The disk is full"}, {"queue", "internal error"}};
    EXPECT_EQ(answer.checks, expected);
}

TEST(Readiness, AsksAgainOnlyWhenTheAnswerIsOld) {
    int asked = 0;
    Readiness fresh({{"store", [&] { ++asked; }}}, std::chrono::hours(1));
    EXPECT_TRUE(fresh.answer().ready);
    EXPECT_TRUE(fresh.answer().ready);
    EXPECT_EQ(asked, 1);
    Readiness always({{"store", [&] { ++asked; }}}, Duration(0));
    always.answer();
    always.answer();
    EXPECT_EQ(asked, 3);
}

TEST(Readiness, PartsThatHangAreWaitedForTogether) {
    std::barrier both_are_asked(2);
    const auto wait = [&] { both_are_asked.arrive_and_wait(); };
    Readiness readiness({{"store", wait}, {"records", wait}}, Duration(0));
    EXPECT_TRUE(readiness.answer().ready) << "one after the other they would wait for ever";
}

TEST(Readiness, NobodyElseWaitsWhileAPartHangs) {
    std::atomic<bool> hangs = false;
    std::latch is_asked(1), mended(1);
    Readiness readiness({{"store",
                          [&] {
                              if (!hangs) return;
                              is_asked.count_down();
                              mended.wait();
                              throw Error(ErrorKind::unavailable, "away");
                          }}},
                        Duration(0));
    EXPECT_TRUE(readiness.answer().ready);
    hangs = true;
    auto first = std::async(std::launch::async, [&] { return readiness.answer(); });
    is_asked.wait();
    EXPECT_TRUE(readiness.answer().ready) << "as it was last";
    mended.count_down();
    EXPECT_FALSE(first.get().ready);
}

}  // namespace
}  // namespace fadeout::http
