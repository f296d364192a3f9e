#include "job_queue_contract.h"

#include <gmock/gmock.h>

#include <set>
#include <thread>

#include "base/ids.h"

namespace fadeout::jobs {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::Pair;

std::vector<std::string> payloads(const JobPage& page) {
    std::vector<std::string> out;
    for (const Job& job : page.jobs) out.push_back(job.payload);
    return out;
}

TEST_P(JobQueueContract, KeepsWhatWasAsked) {
    const std::string payload("{\"text\":\"caf\xC3\xA9 '\0'\"}", 20);
    const Job made = add(payload, "transcode");
    EXPECT_TRUE(is_uuid(made.id));
    EXPECT_EQ(made.state, State::queued);
    const Job job = queue_->get(made.id).value();
    EXPECT_EQ(job.type, "transcode");
    EXPECT_EQ(job.payload, payload);
    EXPECT_EQ(job.created_at, clock_.now());
    EXPECT_EQ(job.updated_at, clock_.now());
    EXPECT_EQ(job.run_at, clock_.now());
    EXPECT_EQ(job.attempts, 0);
    EXPECT_FALSE(queue_->get("absent"));
}

TEST_P(JobQueueContract, RunsAJobToItsEnd) {
    const std::string id = add("payload").id;
    const Lease lease = take();
    EXPECT_EQ(lease.job.id, id);
    EXPECT_EQ(lease.job.payload, "payload");
    EXPECT_EQ(lease.job.attempts, 1);
    EXPECT_EQ(lease.lease_until, clock_.now() + limits_.lease);
    EXPECT_FALSE(lease.token.empty());
    EXPECT_EQ(state(id), State::leased);
    clock_.advance(5s);
    EXPECT_EQ(queue_->heartbeat(id, lease.token, 40), Report::accepted);
    EXPECT_EQ(queue_->get(id)->progress, 40);
    clock_.advance(5s);
    EXPECT_EQ(queue_->done(id, lease.token, "{\"url\":1}"), Report::accepted);
    const Job job = queue_->get(id).value();
    EXPECT_EQ(job.state, State::done);
    EXPECT_EQ(job.result, "{\"url\":1}");
    EXPECT_EQ(job.progress, 100);
    EXPECT_EQ(job.updated_at, clock_.now());
    EXPECT_FALSE(queue_->lease({}));
}

TEST_P(JobQueueContract, LeasesInOrderOfDueTimeThenArrival) {
    const Time now = clock_.now();
    queue_->enqueue({"speak", "third", now + 2s, ""});
    queue_->enqueue({"speak", "first", now - 5s, ""});
    queue_->enqueue({"speak", "second a", now, ""});
    queue_->enqueue({"speak", "second b", now, ""});
    clock_.advance(10s);
    for (const char* expected : {"first", "second a", "second b", "third"})
        EXPECT_EQ(take().job.payload, expected);
}

TEST_P(JobQueueContract, NothingRunsBeforeItIsDue) {
    queue_->enqueue({"speak", "later", clock_.now() + 10s, ""});
    clock_.advance(9'999ms);
    EXPECT_FALSE(queue_->lease({}));
    clock_.advance(1ms);
    EXPECT_EQ(take().job.payload, "later");
}

TEST_P(JobQueueContract, LeasesOnlyTheTypesAskedFor) {
    add("1", "transcode");
    clock_.advance(1s);
    add("2", "cleanup");
    clock_.advance(1s);
    add("3", "speak");
    EXPECT_FALSE(queue_->lease({"other"}));
    EXPECT_EQ(take({"speak", "cleanup"}).job.payload, "2") << "the longest due of both types";
    EXPECT_EQ(take({"speak"}).job.payload, "3");
    EXPECT_FALSE(queue_->lease({"speak", "cleanup"}));
    EXPECT_EQ(take({}).job.payload, "1");
}

TEST_P(JobQueueContract, AHeartbeatKeepsTheLease) {
    const std::string id = add().id;
    const Lease lease = take();
    for (int i = 0; i < 10; ++i) {
        clock_.advance(limits_.lease - 1ms);
        EXPECT_FALSE(queue_->lease({}));
        EXPECT_EQ(queue_->heartbeat(id, lease.token, 0), Report::accepted);
    }
    EXPECT_EQ(queue_->get(id)->process_deaths, 0);
}

TEST_P(JobQueueContract, AnotherWorkerTakesOverWhenTheLeaseRanOut) {
    const std::string id = add().id;
    const Lease first = take();
    clock_.advance(limits_.lease - 1ms);
    EXPECT_FALSE(queue_->lease({}));
    clock_.advance(1ms);
    const Lease second = take();
    EXPECT_EQ(second.job.id, id);
    EXPECT_EQ(second.job.attempts, 2);
    EXPECT_EQ(second.job.process_deaths, 1);
    EXPECT_NE(second.token, first.token);
    EXPECT_EQ(queue_->heartbeat(id, first.token, 99), Report::lost);
    EXPECT_EQ(queue_->done(id, first.token, "stale"), Report::lost);
    EXPECT_EQ(queue_->failed(id, first.token, "stale", false), Report::lost);
    EXPECT_EQ(queue_->release(id, first.token), Report::lost);
    EXPECT_EQ(queue_->get(id)->progress, 0);
    EXPECT_EQ(queue_->done(id, second.token, "fresh"), Report::accepted);
    EXPECT_EQ(queue_->get(id)->result, "fresh");
}

TEST_P(JobQueueContract, ALateWorkerKeepsAJobThatNobodyTook) {
    const std::string id = add().id;
    const Lease lease = take();
    clock_.advance(limits_.lease * 2);
    EXPECT_EQ(queue_->heartbeat(id, lease.token, 10), Report::accepted);
    EXPECT_FALSE(queue_->lease({}));
    EXPECT_EQ(queue_->done(id, lease.token, "x"), Report::accepted);
}

TEST_P(JobQueueContract, DeadAfterThreeProcessDeaths) {
    const std::string id = add().id;
    for (int i = 0; i < 3; ++i) {
        take();
        clock_.advance(limits_.lease);
    }
    EXPECT_FALSE(queue_->lease({}));
    const Job job = queue_->get(id).value();
    EXPECT_EQ(job.state, State::dead);
    EXPECT_EQ(job.process_deaths, 3);
    EXPECT_FALSE(job.error.empty());
}

TEST_P(JobQueueContract, RetriesAfterTheBackoffUntilTheLimit) {
    const std::string id = add().id;
    for (int attempt = 1; attempt < limits_.attempts; ++attempt) {
        EXPECT_EQ(queue_->failed(id, take().token, "no luck", true), Report::accepted);
        EXPECT_EQ(queue_->get(id)->error, "no luck");
        const Duration delay = backoff(limits_, attempt, fixed_random);
        EXPECT_EQ(queue_->get(id)->run_at, clock_.now() + delay);
        clock_.advance(delay - 1ms);
        EXPECT_FALSE(queue_->lease({}));
        clock_.advance(1ms);
    }
    queue_->failed(id, take().token, "the last", true);
    EXPECT_EQ(state(id), State::dead);
    EXPECT_EQ(queue_->get(id)->error, "the last");
    clock_.advance(24h);
    EXPECT_FALSE(queue_->lease({}));
}

// A store that was away for minutes must not leave the next failure, of whatever kind, as the last one.
TEST_P(JobQueueContract, FailuresByAScheduleAndOthersAreCountedApart) {
    const std::string id = add().id;
    const Retry outage(true, {1s, 2s, 3s, 4s, 5s, 6s, 7s, 8s});
    const auto fail = [&](const Retry& retry) {
        clock_.advance(limits_.backoff_limit);
        const Lease lease = take();
        queue_->heartbeat(id, lease.token, 1);
        EXPECT_EQ(queue_->failed(id, lease.token, "no luck", retry), Report::accepted);
        return queue_->get(id)->run_at - clock_.now();
    };
    for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(fail(outage), outage.delays[i]);
    for (int failure = 1; failure < limits_.attempts; ++failure)
        EXPECT_EQ(fail(true), backoff(limits_, failure, fixed_random));
    clock_.advance(limits_.backoff_limit);
    queue_->release(id, take().token);
    EXPECT_EQ(fail(outage), outage.delays[6]);
    EXPECT_EQ(fail(outage), outage.delays[7]);
    EXPECT_EQ(queue_->get(id)->failures, limits_.attempts - 1);
    EXPECT_EQ(queue_->get(id)->attempts, 8 + limits_.attempts - 1);
    fail(true);
    EXPECT_EQ(state(id), State::dead);
    EXPECT_EQ(queue_->retry(id).failures, 0);
    EXPECT_EQ(fail(outage), outage.delays[0]);
    EXPECT_EQ(fail(true), backoff(limits_, 1, fixed_random));
}

TEST_P(JobQueueContract, WhatCannotSucceedFailsAtOnce) {
    const std::string id = add().id;
    queue_->failed(id, take().token, "not audio", false);
    EXPECT_EQ(state(id), State::failed);
    EXPECT_FALSE(queue_->lease({}));
}

TEST_P(JobQueueContract, AReleasedJobIsDueAtOnceAndCountsNoAttempt) {
    const std::string id = add().id;
    const Lease lease = take();
    EXPECT_EQ(queue_->release(id, lease.token), Report::accepted);
    EXPECT_EQ(state(id), State::queued);
    const Lease again = take();
    EXPECT_EQ(again.job.id, id);
    EXPECT_EQ(again.job.attempts, 1);
    EXPECT_EQ(again.job.process_deaths, 0);
}

TEST_P(JobQueueContract, CancelsAWaitingJob) {
    const std::string id = add().id;
    EXPECT_EQ(queue_->cancel(id).state, State::cancelled);
    EXPECT_EQ(state(id), State::cancelled);
    EXPECT_FALSE(queue_->lease({}));
    EXPECT_EQ(kind_of([&] { queue_->cancel(id); }), ErrorKind::conflict);
    EXPECT_EQ(kind_of([&] { queue_->cancel("absent"); }), ErrorKind::not_found);
}

TEST_P(JobQueueContract, TheWorkerOfACancelledJobHearsOfIt) {
    const std::string id = add().id;
    const Lease lease = take();
    queue_->cancel(id);
    EXPECT_EQ(queue_->heartbeat(id, lease.token, 50), Report::cancelled);
    EXPECT_EQ(queue_->done(id, lease.token, "x"), Report::cancelled);
    EXPECT_EQ(state(id), State::cancelled);
    clock_.advance(limits_.lease);
    EXPECT_FALSE(queue_->lease({}));
}

TEST_P(JobQueueContract, RetryRunsAnEndedJobAgain) {
    const std::string id = add().id;
    EXPECT_EQ(kind_of([&] { queue_->retry(id); }), ErrorKind::conflict);
    queue_->failed(id, take().token, "x", false);
    clock_.advance(1h);
    const Job again = queue_->retry(id);
    EXPECT_EQ(again.state, State::queued);
    EXPECT_EQ(again.attempts, 0);
    EXPECT_EQ(again.run_at, clock_.now());
    queue_->done(id, take().token, "x");
    EXPECT_EQ(kind_of([&] { queue_->retry(id); }), ErrorKind::conflict);
    EXPECT_EQ(kind_of([&] { queue_->retry("absent"); }), ErrorKind::not_found);
}

TEST_P(JobQueueContract, ReportsAboutAnUnknownJobAreLost) {
    EXPECT_EQ(queue_->heartbeat("absent", "t", 1), Report::lost);
    EXPECT_EQ(queue_->done("absent", "t", ""), Report::lost);
    EXPECT_EQ(queue_->done(add().id, "", ""), Report::lost) << "a job without a lease has no token";
}

TEST_P(JobQueueContract, TheSameIdempotencyKeyGivesTheSameJob) {
    const Job first = add("{1}", "speak", "key");
    EXPECT_EQ(add("{1}", "speak", "key").id, first.id);
    EXPECT_NE(add("{1}", "speak", "another").id, first.id);
    EXPECT_NE(add("{1}", "speak").id, add("{1}", "speak").id) << "no key is no key";
    EXPECT_EQ(kind_of([&] { add("{2}", "speak", "key"); }), ErrorKind::unprocessable);
    EXPECT_EQ(kind_of([&] { add("{1}", "transcode", "key"); }), ErrorKind::unprocessable);
    EXPECT_EQ(kind_of([&] { add("{1}", "speak", std::string(256, 'k')); }), ErrorKind::invalid);
    EXPECT_EQ(add("{1}", "speak", std::string(255, 'k')).state, State::queued);
    queue_->done(first.id, take().token, "r");
    EXPECT_EQ(add("{1}", "speak", "key").state, State::done) << "remembered after the end";
}

TEST_P(JobQueueContract, AFullQueueRefusesButStillKnowsItsKeys) {
    const std::string known = add("{}", "speak", "key").id;
    for (std::size_t i = 1; i < limits_.queued; ++i) add();
    EXPECT_EQ(kind_of([&] { add(); }), ErrorKind::busy);
    EXPECT_EQ(add("{}", "speak", "key").id, known);
    take();
    EXPECT_NO_THROW(add()) << "a leased job does not wait";
}

TEST_P(JobQueueContract, ListsNewestFirstInPages) {
    for (const char* payload : {"1", "2", "3", "4", "5"}) {
        add(payload);
        clock_.advance(1ms);
    }
    const JobPage first = queue_->list({}, "", 2);
    EXPECT_THAT(payloads(first), ElementsAre("5", "4"));
    add("6");  // what comes meanwhile moves no page
    const JobPage second = queue_->list({}, first.next.value(), 2);
    EXPECT_THAT(payloads(second), ElementsAre("3", "2"));
    const JobPage third = queue_->list({}, second.next.value(), 2);
    EXPECT_THAT(payloads(third), ElementsAre("1"));
    EXPECT_FALSE(third.next);
}

TEST_P(JobQueueContract, PagesNeitherRepeatNorSkipJobsOfTheSameInstant) {
    for (int i = 0; i < 20; ++i) add();
    std::set<std::string> seen;
    std::string cursor;
    for (;;) {
        const JobPage page = queue_->list({}, cursor, 3);
        for (const Job& job : page.jobs) EXPECT_TRUE(seen.insert(job.id).second);
        if (!page.next) break;
        cursor = *page.next;
    }
    EXPECT_EQ(seen.size(), 20u);
}

TEST_P(JobQueueContract, FiltersByStateAndType) {
    add("a", "speak");
    clock_.advance(1s);
    add("b", "transcode");
    clock_.advance(1s);
    add("c", "speak");
    const Lease lease = take();
    queue_->done(lease.job.id, lease.token, "x");
    EXPECT_THAT(payloads(queue_->list({State::queued, ""}, "", 10)), ElementsAre("c", "b"));
    EXPECT_THAT(payloads(queue_->list({std::nullopt, "speak"}, "", 10)), ElementsAre("c", "a"));
    EXPECT_THAT(payloads(queue_->list({State::done, "speak"}, "", 10)), ElementsAre("a"));
    EXPECT_THAT(payloads(queue_->list({State::dead, "speak"}, "", 10)), ElementsAre());
    const JobPage page = queue_->list({std::nullopt, "speak"}, "", 1);
    EXPECT_THAT(payloads(queue_->list({std::nullopt, "speak"}, page.next.value(), 1)), ElementsAre("a"));
}

TEST_P(JobQueueContract, RefusesACursorItNeverGave) {
    for (const char* cursor : {"x", "12", ".", "12x.id", "99999999999999999999.id", "' OR 1"})
        EXPECT_EQ(kind_of([&] { queue_->list({}, cursor, 10); }), ErrorKind::invalid) << cursor;
}

TEST_P(JobQueueContract, APageOfBigJobsIsCutShort) {
    for (int i = 0; i < 6; ++i) add(std::string(max_page_bytes / 2, 'x'));
    const JobPage page = queue_->list({}, "", 100);
    EXPECT_EQ(page.jobs.size(), 2u);
    EXPECT_EQ(queue_->list({}, page.next.value(), 100).jobs.size(), 2u);
}

TEST_P(JobQueueContract, CountsByState) {
    EXPECT_TRUE(queue_->counts().empty());
    for (int i = 0; i < 5; ++i) add();
    const Lease lease = take();
    queue_->done(lease.job.id, lease.token, "x");
    take();
    queue_->failed(take().job.id, "wrong", "x", false);
    queue_->cancel(queue_->list({State::queued, ""}, "", 1).jobs.at(0).id);
    EXPECT_THAT(queue_->counts(), ElementsAre(Pair(State::queued, 1), Pair(State::leased, 2),
                                              Pair(State::done, 1), Pair(State::cancelled, 1)));
}

TEST_P(JobQueueContract, ForgetsEndedJobsOnly) {
    const std::string waiting = add("waiting", "other").id;
    const std::string running = add("running", "other2").id;
    take({"other2"});
    std::vector<std::string> ended;
    for (int i = 0; i < 3; ++i) {
        ended.push_back(add("{}", "speak", "key" + std::to_string(i)).id);
        queue_->done(ended.back(), take({"speak"}).token, "x");
        clock_.advance(1s);
    }
    EXPECT_EQ(queue_->remove_ended(clock_.now() - 1s, 0), 0u);
    EXPECT_EQ(queue_->remove_ended(clock_.now() - 1s, 10), 2u) << "touched before, not at, the given time";
    EXPECT_FALSE(queue_->get(ended[0]));
    EXPECT_TRUE(queue_->get(ended[2]));
    EXPECT_EQ(queue_->remove_ended(clock_.now() + 1s, 10), 1u);
    EXPECT_TRUE(queue_->get(waiting));
    EXPECT_TRUE(queue_->get(running));
    EXPECT_THAT(queue_->counts(), ElementsAre(Pair(State::queued, 1), Pair(State::leased, 1)));
    EXPECT_NE(add("{}", "speak", "key0").id, ended[0]) << "a forgotten job's key is free again";
}

TEST_P(JobQueueContract, CheckIsContentWithAWorkingQueue) {
    EXPECT_NO_THROW(queue_->check());
}

TEST_P(JobQueueContract, NoJobIsLeasedTwiceAtATime) {
    constexpr int jobs = 48, threads = 6;
    for (int i = 0; i < jobs; ++i) add();
    std::mutex mutex;
    std::multiset<std::string> leased;
    {
        std::vector<std::jthread> pool;
        for (int t = 0; t < threads; ++t)
            pool.emplace_back([&] {
                while (const auto lease = queue_->lease({})) {
                    EXPECT_EQ(queue_->done(lease->job.id, lease->token, "x"), Report::accepted);
                    std::lock_guard lock(mutex);
                    leased.insert(lease->job.id);
                }
            });
    }
    EXPECT_EQ(leased.size(), static_cast<std::size_t>(jobs));
    EXPECT_EQ((std::set<std::string>(leased.begin(), leased.end()).size()), static_cast<std::size_t>(jobs));
}

}  // namespace
}  // namespace fadeout::jobs
