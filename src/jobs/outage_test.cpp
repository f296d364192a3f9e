#include "jobs/outage.h"

#include <gtest/gtest.h>

namespace fadeout::jobs {
namespace {

using namespace std::chrono_literals;

TEST(Outage, IsToldOnceAtItsBeginningAndOnceAtItsEnd) {
    Outage outage;
    const Outage::Moment start{};
    EXPECT_EQ(outage.succeeded(start), std::nullopt);
    EXPECT_EQ(outage.failed("refused", start), "The queue is away, asking again with a back-off: refused");
    EXPECT_EQ(outage.failed("refused", start + 1s), std::nullopt);
    EXPECT_EQ(outage.failed("still loading", start + 2s), std::nullopt);
    EXPECT_EQ(outage.succeeded(start + 90s), "The queue is back after 90s");
    EXPECT_EQ(outage.succeeded(start + 91s), std::nullopt);
    EXPECT_NE(outage.failed("refused", start + 92s), std::nullopt) << "the next one is news again";
}

}  // namespace
}  // namespace fadeout::jobs
