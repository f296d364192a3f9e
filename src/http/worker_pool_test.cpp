#include "http/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>

namespace fadeout::http {
namespace {

TEST(WorkerPool, RefusesWhenThreadsAndQueueAreFull) {
    std::latch started(1), go(1);
    std::atomic<int> done = 0;
    {
        WorkerPool pool({.threads = 1, .queued = 2});
        EXPECT_TRUE(pool.try_post([&] {
            started.count_down();
            go.wait();
            ++done;
        }));
        started.wait();
        EXPECT_TRUE(pool.try_post([&] { ++done; }));
        EXPECT_TRUE(pool.try_post([&] { ++done; }));
        EXPECT_FALSE(pool.try_post([&] { ++done; }));
        pool.post([&] { ++done; });
        go.count_down();
    }
    EXPECT_EQ(done, 4) << "what was taken is finished";
}

TEST(WorkerPool, AnIdleThreadTakesWorkEvenWithoutAQueue) {
    WorkerPool pool({.threads = 1, .queued = 0});
    std::atomic<int> done = 0;
    EXPECT_TRUE(pool.try_post([&] { ++done; }));
    pool.wait_idle();
    EXPECT_EQ(done, 1);
}

TEST(WorkerPool, ManyPostersLoseNothing) {
    std::atomic<int> done = 0, refused = 0;
    WorkerPool pool({.threads = 3, .queued = 50});
    std::vector<std::jthread> posters;
    for (int t = 0; t < 4; ++t)
        posters.emplace_back([&] {
            for (int i = 0; i < 1000; ++i)
                if (!pool.try_post([&] { ++done; })) ++refused;
        });
    posters.clear();
    pool.wait_idle();
    EXPECT_EQ(done + refused, 4000);
}

}  // namespace
}  // namespace fadeout::http
