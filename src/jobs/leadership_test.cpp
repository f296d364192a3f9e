#include "jobs/leadership.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "jobs/memory/memory_job_queue.h"

namespace fadeout::jobs {
namespace {

using namespace std::chrono_literals;

const Time start = from_unix_seconds(1'795'188'600);
constexpr Duration lease = 45s;

TEST(Trust, EndsAThirdBeforeTheLeaseCountedFromTheRequest) {
    EXPECT_TRUE(is_trusted(100s, 100s, lease));
    EXPECT_TRUE(is_trusted(100s, 130s - 1ms, lease));
    EXPECT_FALSE(is_trusted(100s, 130s, lease));
    EXPECT_FALSE(is_trusted(100s, 1000s, lease));
    EXPECT_LT(2 * renew_every(lease), 30s) << "one renewal may go wrong";
}

/// A queue on which something happens while it is asked.
class SlowQueue final : public MemoryJobQueue {
  public:
    using MemoryJobQueue::MemoryJobQueue;
    bool change_tenure(const std::string& name, const TenureChange& change) override {
        ++asked;
        if (is_away) throw Error(ErrorKind::unavailable, "The queue is away.");
        const bool changed = MemoryJobQueue::change_tenure(name, change);
        after();
        return changed;
    }
    bool is_away = false;
    int asked = 0;
    std::function<void()> after = [] {};
};

class LeadershipTest : public testing::Test {
  protected:
    /// Time passes for the clocks of all nodes and for what they take as uptime.
    void pass(Duration d) {
        clock.advance(d);
        up += d;
    }
    Leadership node(Duration clock_ahead = {}) {
        clocks.push_back(std::make_unique<Ahead>(clock, clock_ahead));
        return {queue, "sweep", *clocks.back(), lease, [this] { return up; }};
    }
    struct Ahead final : Clock {
        Ahead(const Clock& from, Duration d) : base(from), ahead(d) {}
        Time now() const override { return base.now() + ahead; }
        const Clock& base;
        const Duration ahead;
    };

    ManualClock clock{start};
    Duration up{1h};
    SlowQueue queue{clock};
    std::vector<std::unique_ptr<Clock>> clocks;
    Leadership a = node(), b = node();
};

TEST_F(LeadershipTest, OneLeadsAsLongAsItAsks) {
    for (int i = 0; i < 100; ++i) {
        EXPECT_TRUE(a.lead());
        EXPECT_FALSE(b.lead());
        pass(a.patience());
    }
    EXPECT_EQ(a.term(), 1);
    EXPECT_EQ(b.term(), 0);
}

TEST_F(LeadershipTest, AFreshAnswerIsNotAskedForAgain) {
    a.lead();
    for (int i = 0; i < 50; ++i) EXPECT_TRUE(a.still_leads());
    EXPECT_EQ(queue.asked, 1);
    pass(a.patience());
    EXPECT_TRUE(a.still_leads());
    EXPECT_EQ(queue.asked, 2);
}

TEST_F(LeadershipTest, OneThatIsKilledIsSucceeded) {
    a.lead();
    Duration waited{};
    for (; !b.lead(); waited += b.patience()) pass(b.patience());
    EXPECT_LE(waited, lease + renew_every(lease));
    EXPECT_EQ(b.term(), 2);
}

TEST_F(LeadershipTest, OneThatEndsIsSucceededAtOnce) {
    a.lead();
    a.resign();
    EXPECT_FALSE(a.still_leads());
    EXPECT_TRUE(b.lead());
    a.resign();
    EXPECT_TRUE(b.still_leads()) << "to resign twice takes nothing from the next";
}

TEST_F(LeadershipTest, OneThatWasPausedLearnsThatAnotherTookOver) {
    a.lead();
    pass(1h);
    EXPECT_TRUE(b.lead());
    EXPECT_FALSE(a.still_leads());
    EXPECT_FALSE(a.lead());
    EXPECT_TRUE(b.still_leads());
}

TEST_F(LeadershipTest, OneThatWasPausedAndMissedNothingGoesOn) {
    a.lead();
    pass(1h);
    EXPECT_TRUE(a.still_leads());
    EXPECT_EQ(a.term(), 1);
}

TEST_F(LeadershipTest, AnAnswerThatComesTooLateIsNoAnswer) {
    a.lead();
    pass(a.patience());
    queue.after = [&] { pass(lease); };  // paused between the server's yes and the next step
    EXPECT_FALSE(a.still_leads());
    queue.after = [] {};
    EXPECT_TRUE(b.lead());
    EXPECT_FALSE(a.lead());
}

TEST_F(LeadershipTest, WithoutTheQueueNobodyLeads) {
    a.lead();
    pass(a.patience());
    queue.is_away = true;
    EXPECT_THROW(a.still_leads(), Error);
    EXPECT_FALSE(a.still_leads());
    EXPECT_THROW(a.lead(), Error);
    EXPECT_THROW(b.lead(), Error);
    queue.is_away = false;
    EXPECT_TRUE(a.lead());
    EXPECT_EQ(a.term(), 2) << "whatever was begun before has ended";
}

/// Clocks may be as far apart as doctor tolerates, 10 s between two nodes: who has just been told that it
/// leads is never wrong about it, whoever is paused for however long.
TEST_F(LeadershipTest, ClocksThatDifferDoNotMakeTwoLeaders) {
    Leadership ahead = node(5s), behind = node(-5s);
    ASSERT_TRUE(behind.lead());
    // It asks for the last time just before the end of its patience, and trusts that for a while.
    Duration since{};
    while (!ahead.lead()) {
        pass(100ms);
        since += 100ms;
    }
    EXPECT_FALSE(is_trusted(Duration(0), since, lease));
}

}  // namespace
}  // namespace fadeout::jobs
