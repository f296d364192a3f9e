#include "speech/espeak/turn_lock.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace fadeout::speech
