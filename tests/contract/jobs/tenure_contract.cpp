#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "job_queue_contract.h"

namespace fadeout::jobs {
namespace {

using namespace std::chrono_literals;

TEST_P(JobQueueContract, ATenureIsKeptAsItWasChanged) {
    const Tenure made{"node \xC3\xA9", 7, clock_.now() + 45s};
    EXPECT_TRUE(queue_->change_tenure("sweep", [&](Tenure& tenure) {
        EXPECT_EQ(tenure.holder, "");
        EXPECT_EQ(tenure.term, 0);
        tenure = made;
        return true;
    }));
    for (int i = 0; i < 2; ++i)
        EXPECT_FALSE(queue_->change_tenure("sweep", [&](Tenure& tenure) {
            EXPECT_EQ(tenure.holder, made.holder);
            EXPECT_EQ(tenure.term, made.term);
            EXPECT_EQ(tenure.until, made.until);
            return false;
        }));
    queue_->change_tenure("another", [](Tenure& tenure) {
        EXPECT_EQ(tenure.term, 0) << "each name for itself";
        return false;
    });
}

/// What one holder knew of its tenure.
struct Reign {
    Time began, until;
};

// Many nodes fight for one name, are paused at any moment, renew, resign, or are never heard of again, while
// time goes on: no two of them hold it at the same time, and each new one has a higher term.
TEST_P(JobQueueContract, NoTwoHoldOneTenure) {
    constexpr int nodes = 6, rounds = 120;
    constexpr Duration lease = 10s;
    std::mutex mutex;
    std::map<std::int64_t, Reign> reigns;
    const auto fight = [&](int node) {
        std::mt19937 random(static_cast<unsigned>(node));
        const std::string holder = "node" + std::to_string(node);
        std::int64_t term = 0;
        for (int round = 0; round < rounds; ++round) {
            Reign reign;
            std::int64_t asked = term;
            const auto event = random() % 10;
            const bool changed = queue_->change_tenure("sweep", [&](Tenure& tenure) {
                const Time now = reign.began = clock_.now();
                const bool done = term == 0    ? on_acquire(tenure, holder, lease, now)
                                  : event == 0 ? on_resign(tenure, holder, term)
                                               : on_renew(tenure, holder, term, lease, now);
                asked = tenure.term;
                reign.until = event == 0 && term != 0 ? now : tenure.until;
                return done;
            });
            if (changed) {
                std::lock_guard lock(mutex);
                const auto [known, is_new] = reigns.try_emplace(asked, reign);
                EXPECT_EQ(is_new, term == 0) << "term " << asked << " was had twice";
                known->second.until = reign.until;
            }
            term = changed && (term == 0 || event != 0) ? asked : 0;
            clock_.advance(Duration(random() % 3'000));
        }
    };
    {
        std::vector<std::jthread> threads;
        for (int node = 1; node <= nodes; ++node) threads.emplace_back(fight, node);
    }
    ASSERT_GT(reigns.size(), 10u);
    for (auto next = std::next(reigns.begin()); next != reigns.end(); ++next)
        EXPECT_GE(next->second.began, std::prev(next)->second.until) << "term " << next->first;
}

}  // namespace
}  // namespace fadeout::jobs
