#include "base/pause.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/error.h"

namespace fadeout {
namespace {

using std::chrono::hours;

TEST(Pause, EndsWithItsTimeOrWithAStop) {
    const auto begun = std::chrono::steady_clock::now();
    pause(Duration(20), {});
    EXPECT_GE(std::chrono::steady_clock::now() - begun, Duration(20));
    std::stop_source stop;
    const std::jthread other([&] { stop.request_stop(); });
    pause(hours(1), stop.get_token());
    EXPECT_LT(std::chrono::steady_clock::now() - begun, hours(1));
}

TEST(RequireGoingOn, ThrowsOnceAStopIsAskedFor) {
    std::stop_source stop;
    EXPECT_NO_THROW(require_going_on(stop.get_token(), "report"));
    stop.request_stop();
    try {
        require_going_on(stop.get_token(), "report");
        FAIL() << "went on";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::cancelled);
        EXPECT_STREQ(error.what(), "The report was stopped.");
    }
}

}  // namespace
}  // namespace fadeout
