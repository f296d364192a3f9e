#include "speech/espeak/turn_lock.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>
#include <vector>

namespace fadeout::speech {
namespace {

TEST(TurnLock, ExcludesMoreThreadsThanWaitingRooms) {
    TurnLock lock;
    int count = 0;
    std::vector<std::jthread> threads;
    for (int t = 0; t < 100; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 50; ++i) {
                const std::lock_guard guard(lock);
                ++count;
            }
        });
    threads.clear();
    EXPECT_EQ(count, 5000);
}

TEST(TurnLock, IsNotTakenAgainByAThreadThatNeverLetsItRest) {
    using Clock = std::chrono::steady_clock;
    TurnLock lock;
    std::atomic<int> turns = 0;
    std::jthread greedy([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            const std::lock_guard guard(lock);
            ++turns;
            for (const auto end = Clock::now() + std::chrono::microseconds(200); Clock::now() < end;) {
            }
        }
    });
    int overtaken = 0;
    constexpr int kRounds = 100;
    for (int i = 0; i < kRounds; ++i) {
        for (const int seen = turns; turns < seen + 2;) std::this_thread::yield();
        const int before = turns;
        const std::lock_guard guard(lock);
        overtaken += turns - before;
    }
    // Never, but for the moments between reading `turns` and queueing. With std::mutex it is up to thousands.
    EXPECT_LT(overtaken, 2 * kRounds);
}

}  // namespace
}  // namespace fadeout::speech
