#include "jobs/tenure.h"

#include <gtest/gtest.h>

namespace fadeout::jobs {
namespace {

using namespace std::chrono_literals;

const Time start = from_unix_seconds(1'795'188'600);

class Tenures : public testing::Test {
  protected:
    bool acquire(std::string_view holder, Time now) { return on_acquire(tenure, holder, 45s, now); }
    bool renew(std::string_view holder, std::int64_t term, Time now) {
        return on_renew(tenure, holder, term, 45s, now);
    }
    Tenure tenure;
};

TEST_F(Tenures, TheFirstWhoAsksHasIt) {
    EXPECT_TRUE(acquire("a", start));
    EXPECT_EQ(tenure.holder, "a");
    EXPECT_EQ(tenure.term, 1);
    EXPECT_EQ(tenure.until, start + 45s);
    EXPECT_FALSE(acquire("b", start + 45s - 1ms));
    EXPECT_EQ(tenure.holder, "a");
}

TEST_F(Tenures, OneThatRanOutIsTakenInTheNextTerm) {
    acquire("a", start);
    EXPECT_TRUE(acquire("b", start + 45s));
    EXPECT_EQ(tenure.term, 2);
    EXPECT_FALSE(renew("a", 1, start + 45s)) << "the paused holder comes too late";
    EXPECT_EQ(tenure.holder, "b");
    EXPECT_EQ(tenure.until, start + 90s);
}

TEST_F(Tenures, ARenewedOneLivesOn) {
    acquire("a", start);
    EXPECT_TRUE(renew("a", 1, start + 40s));
    EXPECT_FALSE(acquire("b", start + 84s));
    EXPECT_TRUE(renew("a", 1, start + 200s)) << "it ran out, but nobody wanted it";
    EXPECT_FALSE(acquire("b", start + 244s));
}

TEST_F(Tenures, AnOutdatedTermRenewsNothing) {
    acquire("a", start);
    acquire("a", start + 1s);
    EXPECT_EQ(tenure.term, 2) << "also one's own is a new tenure";
    EXPECT_FALSE(renew("a", 1, start + 2s));
    EXPECT_FALSE(on_resign(tenure, "a", 1));
    EXPECT_FALSE(renew("b", 2, start + 2s));
    EXPECT_TRUE(renew("a", 2, start + 2s));
}

TEST_F(Tenures, AResignedOneIsFreeAtOnceAndItsTermIsKept) {
    acquire("a", start);
    EXPECT_TRUE(on_resign(tenure, "a", 1));
    EXPECT_FALSE(renew("a", 1, start));
    EXPECT_TRUE(acquire("b", start));
    EXPECT_EQ(tenure.term, 2);
}

}  // namespace
}  // namespace fadeout::jobs
