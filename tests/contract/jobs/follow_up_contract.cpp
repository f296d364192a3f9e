#include "job_queue_contract.h"

/// What deliveries rely on: schedules of their own, jobs that follow a job's end, and restarts.
namespace fadeout::jobs {
namespace {

using namespace std::chrono_literals;

TEST_P(JobQueueContract, AScheduleReplacesBackoffAndLimit) {
    const std::string id = add().id;
    const Retry retry(true, {5s, 5min, 2h, 3h, 4h, 5h});
    ASSERT_GT(static_cast<int>(retry.delays.size()), limits_.attempts);
    for (const Duration delay : retry.delays) {
        queue_->failed(id, take().token, "no luck", retry);
        EXPECT_EQ(queue_->get(id)->run_at, clock_.now() + delay);
        clock_.advance(delay);
    }
    queue_->failed(id, take().token, "the last", retry);
    EXPECT_EQ(state(id), State::dead);
    EXPECT_EQ(queue_->get(id)->attempts, 7);
}

TEST_P(JobQueueContract, RestartRunsAJobAgainWhateverItsStateButNotTwiceAtATime) {
    const std::string id = add().id;
    queue_->done(id, take().token, "x");
    clock_.advance(1h);
    const Job again = queue_->restart(id);
    EXPECT_EQ(again.state, State::queued);
    EXPECT_EQ(again.attempts, 0);
    EXPECT_EQ(again.run_at, clock_.now());
    EXPECT_TRUE(again.result.empty());
    queue_->failed(id, take().token, "x", Retry(true, {5h}));
    EXPECT_EQ(queue_->restart(id).run_at, clock_.now()) << "a waiting job need not wait any longer";
    const Lease lease = take();
    EXPECT_EQ(lease.job.attempts, 1);
    EXPECT_EQ(kind_of([&] { queue_->restart(id); }), ErrorKind::conflict);
    EXPECT_EQ(queue_->done(id, lease.token, "y"), Report::accepted);
    EXPECT_EQ(kind_of([&] { queue_->restart("absent"); }), ErrorKind::not_found);
}

// Each way in which a job can end queues its follow-up, and nothing else does.
TEST_P(JobQueueContract, TheEndOfAJobQueuesWhatFollows) {
    const auto follow_up = [&](const std::string& id) {
        const std::string next = queue_->get(id)->follow_up;
        return next.empty() ? "" : queue_->get(next).value().payload;
    };
    const std::string done = add("a", "told").id;
    const Lease lease = take();
    queue_->heartbeat(done, lease.token, 1);
    EXPECT_EQ(follow_up(done), "");
    queue_->done(done, lease.token, "!");
    EXPECT_EQ(follow_up(done), "done a!");
    EXPECT_EQ(queue_->get(queue_->get(done)->follow_up)->run_at, clock_.now());
    const std::string failed = add("b", "told").id;
    queue_->failed(failed, take({"told"}).token, "x", false);
    EXPECT_EQ(follow_up(failed), "failed b");
    const std::string dead = add("c", "told").id;
    queue_->failed(dead, take({"told"}).token, "x", Retry(true, {1s}));
    EXPECT_EQ(follow_up(dead), "");
    clock_.advance(1s);
    queue_->failed(dead, take({"told"}).token, "x", Retry(true, {1s}));
    EXPECT_EQ(follow_up(dead), "dead c");
    const std::string cancelled = add("d", "told").id;
    queue_->cancel(cancelled);
    EXPECT_EQ(follow_up(cancelled), "cancelled d");
    const std::string first = queue_->get(cancelled)->follow_up;
    queue_->retry(cancelled);
    queue_->done(cancelled, take({"told"}).token, "");
    EXPECT_EQ(follow_up(cancelled), "done d");
    EXPECT_NE(queue_->get(cancelled)->follow_up, first) << "each end has its own";
    const std::string silent = add("e").id;
    queue_->cancel(silent);
    EXPECT_EQ(queue_->get(silent)->follow_up, "");
    EXPECT_EQ(queue_->list({std::nullopt, "note"}, "", 100).jobs.size(), 5u);
}

TEST_P(JobQueueContract, AJobWhoseProcessesDieIsFollowedToo) {
    const std::string id = add("a", "told").id;
    for (int i = 0; i < limits_.process_deaths; ++i) {
        take({"told"});
        EXPECT_EQ(queue_->get(id)->follow_up, "");
        clock_.advance(limits_.lease);
    }
    EXPECT_EQ(take().job.payload, "dead a");
    EXPECT_FALSE(queue_->lease({}));
}

TEST_P(JobQueueContract, AFullQueueStillTakesWhatFollows) {
    const std::string id = add("a", "told").id;
    const Lease lease = take();
    for (std::size_t i = 0; i < limits_.queued; ++i) add();
    queue_->done(id, lease.token, "");
    EXPECT_EQ(queue_->get(queue_->get(id)->follow_up)->payload, "done a");
}

}  // namespace
}  // namespace fadeout::jobs
