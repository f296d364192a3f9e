#include "jobs/transitions.h"

#include <gtest/gtest.h>

#include <random>

namespace fadeout::jobs {
namespace {

using namespace std::chrono_literals;

const Time start = from_unix_seconds(1'795'188'600);

class Transitions : public testing::Test {
  protected:
    StoredJob queued() { return make_job({"speak", "{}", {}, ""}, "id", start); }
    StoredJob leased(const std::string& token = "t1") {
        StoredJob s = queued();
        on_lease(s, token, limits_, start);
        return s;
    }
    static ErrorKind kind_of(const std::function<void()>& action) {
        try {
            action();
        } catch (const Error& e) {
            return e.kind();
        }
        return ErrorKind::internal;
    }
    const Limits limits_;
};

TEST_F(Transitions, ANewJobIsDueAtOnceOrWhenItSays) {
    EXPECT_EQ(queued().job.state, State::queued);
    EXPECT_EQ(queued().job.run_at, start);
    EXPECT_EQ(make_job({"speak", "{}", start + 5s, ""}, "id", start).job.run_at, start + 5s);
    EXPECT_EQ(kind_of([] {
                  make_job({"speak", "{}", {}, std::string(256, 'k')}, "id", start);
              }),
              ErrorKind::invalid);
}

TEST_F(Transitions, LeaseLasts) {
    const StoredJob s = leased();
    EXPECT_EQ(s.job.state, State::leased);
    EXPECT_EQ(s.job.attempts, 1);
    EXPECT_EQ(s.lease_until, start + 30s);
}

TEST_F(Transitions, HeartbeatProlongsAndKeepsProgressInBounds) {
    StoredJob s = leased();
    EXPECT_EQ(on_heartbeat(s, "t1", 40, limits_, start + 10s), Report::accepted);
    EXPECT_EQ(s.lease_until, start + 40s);
    EXPECT_EQ(s.job.progress, 40);
    on_heartbeat(s, "t1", 400, limits_, start + 11s);
    EXPECT_EQ(s.job.progress, 100);
    on_heartbeat(s, "t1", -1, limits_, start + 12s);
    EXPECT_EQ(s.job.progress, 0);
}

TEST_F(Transitions, DoneHoldsTheResult) {
    StoredJob s = leased();
    EXPECT_EQ(on_done(s, "t1", "{\"a\":1}", start + 1s), Report::accepted);
    EXPECT_EQ(s.job.state, State::done);
    EXPECT_EQ(s.job.result, "{\"a\":1}");
    EXPECT_EQ(s.job.progress, 100);
    EXPECT_EQ(s.job.updated_at, start + 1s);
    EXPECT_EQ(on_done(s, "t1", "again", start + 2s), Report::lost) << "a second report changes nothing";
    EXPECT_EQ(s.job.result, "{\"a\":1}");
}

TEST_F(Transitions, AWrongTokenChangesNothing) {
    for (const std::string token : {"", "t0"}) {
        StoredJob s = leased();
        EXPECT_EQ(on_heartbeat(s, token, 50, limits_, start + 1s), Report::lost);
        EXPECT_EQ(on_done(s, token, "x", start + 1s), Report::lost);
        EXPECT_EQ(on_failed(s, token, "x", true, limits_, 0, start + 1s), Report::lost);
        EXPECT_EQ(on_release(s, token, start + 1s), Report::lost);
        EXPECT_EQ(s.job.state, State::leased);
        EXPECT_EQ(s.job.updated_at, start);
    }
    StoredJob unleased = queued();
    EXPECT_EQ(on_done(unleased, "", "x", start), Report::lost) << "no token is no token";
}

TEST_F(Transitions, FailureBacksOffThenDies) {
    StoredJob s = queued();
    Time now = start;
    for (int attempt = 1; attempt <= limits_.attempts; ++attempt) {
        on_lease(s, "t", limits_, now);
        EXPECT_EQ(on_failed(s, "t", "no luck", true, limits_, 0.5, now), Report::accepted);
        EXPECT_EQ(s.job.error, "no luck");
        if (attempt < limits_.attempts) {
            EXPECT_EQ(s.job.state, State::queued);
            EXPECT_EQ(s.job.run_at, now + backoff(limits_, attempt, 0.5));
            now = s.job.run_at;
        }
    }
    EXPECT_EQ(s.job.state, State::dead);
    EXPECT_EQ(s.job.attempts, 5);
}

TEST_F(Transitions, WhatIsNotWorthRetryingFailsAtOnce) {
    StoredJob s = leased();
    on_failed(s, "t1", "not audio", false, limits_, 0, start);
    EXPECT_EQ(s.job.state, State::failed);
}

TEST_F(Transitions, ThreeProcessDeathsBury) {
    StoredJob s = queued();
    for (int death = 1; death <= 3; ++death) {
        on_lease(s, "t", limits_, start);
        on_lease_expired(s, limits_, start + 30s);
        EXPECT_EQ(s.job.process_deaths, death);
        EXPECT_EQ(s.job.state, death < 3 ? State::queued : State::dead);
        EXPECT_EQ(s.job.run_at, start) << "due at once, with its old place in the line";
        EXPECT_EQ(on_done(s, "t", "late", start + 31s), Report::lost);
    }
    EXPECT_FALSE(s.job.error.empty());
}

TEST_F(Transitions, DeathsAreNoFailedAttempts) {
    StoredJob s = leased("a");
    on_lease_expired(s, limits_, start);
    for (int i = 1; i < limits_.attempts; ++i) {
        on_lease(s, "b", limits_, start);
        on_failed(s, "b", "x", true, limits_, 0, start);
        EXPECT_EQ(s.job.state, State::queued) << i;
    }
}

TEST_F(Transitions, AScheduleSaysWhenAndHowOften) {
    Retry retry(true, {5s, 5min});
    StoredJob s = leased("a");
    on_lease_expired(s, limits_, start);
    on_lease(s, "b", limits_, start);
    on_failed(s, "b", "x", retry, limits_, 0, start);
    EXPECT_EQ(s.job.run_at, start + 5s) << "a death is no failed attempt";
    on_lease(s, "c", limits_, start);
    retry.at_least = 6min;
    StoredJob patient = s;
    on_failed(patient, "c", "x", retry, limits_, 0, start);
    EXPECT_EQ(patient.job.run_at, start + 6min);
    retry.at_least = 4min;
    on_failed(s, "c", "x", retry, limits_, 0, start);
    EXPECT_EQ(s.job.run_at, start + 5min) << "never earlier than the schedule says";
    on_lease(s, "d", limits_, start);
    on_failed(s, "d", "x", retry, limits_, 0, start);
    EXPECT_EQ(s.job.state, State::dead);
}

TEST_F(Transitions, AScheduleUsesUpNoneOfTheOtherAttempts) {
    const Retry outage(true, std::vector<Duration>(20, 1min));
    StoredJob s = queued();
    for (int i = 0; i < 12; ++i) {
        on_lease(s, "t", limits_, start);
        on_failed(s, "t", "the store is away", outage, limits_, 0, start);
    }
    for (int failure = 1; failure < limits_.attempts; ++failure) {
        on_lease(s, "t", limits_, start);
        on_failed(s, "t", "no luck", true, limits_, 0.5, start);
        ASSERT_EQ(s.job.state, State::queued) << failure;
        EXPECT_EQ(s.job.run_at, start + backoff(limits_, failure, 0.5));
    }
    on_lease(s, "t", limits_, start);
    on_failed(s, "t", "no luck", true, limits_, 0.5, start);
    EXPECT_EQ(s.job.state, State::dead);
    EXPECT_EQ(s.job.attempts, 12 + limits_.attempts);
}

TEST_F(Transitions, OtherFailuresUseUpNothingOfASchedule) {
    const Retry outage(true, {1s, 2s, 3s});
    StoredJob s = leased();
    on_lease_expired(s, limits_, start);
    for (int i = 1; i < limits_.attempts; ++i) {
        on_lease(s, "t", limits_, start);
        on_failed(s, "t", "no luck", true, limits_, 0, start);
    }
    for (const Duration delay : outage.delays) {
        on_lease(s, "t", limits_, start);
        on_failed(s, "t", "the store is away", outage, limits_, 0, start);
        ASSERT_EQ(s.job.state, State::queued);
        EXPECT_EQ(s.job.run_at, start + delay);
    }
    on_lease(s, "t", limits_, start);
    on_failed(s, "t", "the store is away", outage, limits_, 0, start);
    EXPECT_EQ(s.job.state, State::dead);
}

// An older node at the same queue sets `attempts` back and does not know of `failures`.
TEST_F(Transitions, ACountThatAnOlderNodeLeftBehindIsNoPlaceInTheSchedule) {
    StoredJob s = leased();
    s.job.failures = 4;
    on_failed(s, "t1", "the store is away", Retry(true, {1s, 2s}), limits_, 0, start);
    EXPECT_EQ(s.job.run_at, start + 1s);
}

TEST_F(Transitions, OnlyAnEndIsFollowed) {
    const FollowUp note = [](const Job& job) { return NewJob{"note", job.id, {}, ""}; };
    StoredJob s = leased();
    EXPECT_FALSE(follow(s, note, "next", start));
    EXPECT_FALSE(follow(s, {}, "next", start));
    on_done(s, "t1", "x", start);
    EXPECT_FALSE(follow(
        s, [](const Job&) { return std::nullopt; }, "next", start));
    EXPECT_EQ(s.job.follow_up, "");
    const auto next = follow(s, note, "next", start + 1s);
    EXPECT_EQ(s.job.follow_up, "next");
    EXPECT_EQ(next->job.payload, "id");
    EXPECT_EQ(next->job.run_at, start + 1s);
}

TEST_F(Transitions, ReleaseCountsNoAttempt) {
    StoredJob s = leased();
    on_heartbeat(s, "t1", 40, limits_, start);
    EXPECT_EQ(on_release(s, "t1", start + 1s), Report::accepted);
    EXPECT_EQ(s.job.state, State::queued);
    EXPECT_EQ(s.job.attempts, 0);
    EXPECT_EQ(s.job.progress, 0);
    EXPECT_LE(s.job.run_at, start);
}

TEST_F(Transitions, TheWorkerHearsOfACancellation) {
    StoredJob s = leased();
    on_cancel(s, start + 1s);
    EXPECT_EQ(s.job.state, State::cancelled);
    EXPECT_EQ(on_heartbeat(s, "t1", 50, limits_, start + 2s), Report::cancelled);
    EXPECT_EQ(on_done(s, "t1", "x", start + 2s), Report::cancelled);
    EXPECT_EQ(on_heartbeat(s, "t0", 50, limits_, start + 2s), Report::lost);
    EXPECT_EQ(s.job.state, State::cancelled);
    EXPECT_TRUE(s.job.result.empty());
}

TEST_F(Transitions, RetryStartsAfresh) {
    StoredJob s = leased();
    on_failed(s, "t1", "x", false, limits_, 0, start);
    on_retry(s, start + 9s);
    EXPECT_EQ(s.job.state, State::queued);
    EXPECT_EQ(s.job.attempts, 0);
    EXPECT_EQ(s.job.failures, 0);
    EXPECT_EQ(s.job.run_at, start + 9s);
    EXPECT_TRUE(s.job.error.empty());
}

TEST_F(Transitions, ACancelledWorkerIsLostAfterTheRetry) {
    StoredJob s = leased();
    on_cancel(s, start);
    on_retry(s, start);
    EXPECT_EQ(on_done(s, "t1", "x", start), Report::lost);
}

TEST_F(Transitions, ConflictsAreRefused) {
    StoredJob s = queued();
    EXPECT_EQ(kind_of([&] { on_retry(s, start); }), ErrorKind::conflict);
    on_lease(s, "t", limits_, start);
    EXPECT_EQ(kind_of([&] { on_retry(s, start); }), ErrorKind::conflict);
    on_done(s, "t", "x", start);
    EXPECT_EQ(kind_of([&] { on_retry(s, start); }), ErrorKind::conflict);
    EXPECT_EQ(kind_of([&] { on_cancel(s, start); }), ErrorKind::conflict);
}

TEST(SystemRandom, IsInTheHalfOpenUnitInterval) {
    for (int i = 0; i < 1'000; ++i) {
        const double r = system_random();
        EXPECT_GE(r, 0);
        EXPECT_LT(r, 1);
    }
}

// Random events against the rules in their plainest form.
TEST(TransitionsProperty, NoSequenceOfEventsBreaksTheRules) {
    const Limits limits;
    const Retry scheduled(true, std::vector<Duration>(3, 1s));
    std::mt19937 random(3);
    for (int round = 0; round < 2'000; ++round) {
        Time now = start;
        StoredJob s = make_job({"speak", "{}", {}, ""}, "id", now);
        std::vector<std::string> tokens{""};  // every token ever given out
        bool held = false;                    // the newest token holds the lease
        int failures = 0, outages = 0, deaths = 0;
        for (int step = 0; step < 60; ++step) {
            now += Duration(random() % 40'000);
            const bool use_newest = random() % 3 != 0;
            const std::string token = use_newest ? tokens.back() : tokens[random() % tokens.size()];
            const bool valid = held && token == tokens.back();
            const StoredJob before = s;
            std::optional<Report> report;
            const auto event = random() % 11;
            if (event <= 2) {
                if (s.job.state != State::queued || s.job.run_at > now) continue;
                tokens.push_back("t" + std::to_string(tokens.size()));
                on_lease(s, tokens.back(), limits, now);
                held = true;
            } else if (event == 3) {
                if (s.job.state != State::leased || s.lease_until > now) continue;
                on_lease_expired(s, limits, now);
                held = false;
                ++deaths;
                ASSERT_EQ(s.job.state, deaths >= limits.process_deaths ? State::dead : State::queued);
            } else if (event == 4) {
                report = on_heartbeat(s, token, 50, limits, now);
                if (valid) {
                    ASSERT_EQ(s.lease_until, now + limits.lease);
                }
            } else if (event == 5 && random() % 4 == 0) {
                report = on_done(s, token, token, now);
                if (valid) {
                    ASSERT_EQ(s.job.state, State::done);
                }
            } else if (event == 6) {
                const bool retryable = random() % 8 != 0;
                report = on_failed(s, token, "x", retryable, limits, 0.5, now);
                if (valid) {
                    ++failures;
                    const State expected = !retryable                    ? State::failed
                                           : failures >= limits.attempts ? State::dead
                                                                         : State::queued;
                    ASSERT_EQ(s.job.state, expected);
                }
            } else if (event == 7) {
                report = on_release(s, token, now);
            } else if (event == 8 && random() % 4 == 0 && !is_ended(s.job.state)) {
                on_cancel(s, now);
                ASSERT_EQ(s.job.state, State::cancelled);
            } else if (event == 9 && is_ended(s.job.state) && s.job.state != State::done) {
                on_retry(s, now);
                failures = outages = deaths = 0;
                held = false;
            } else if (event == 10) {
                report = on_failed(s, token, "x", scheduled, limits, 0.5, now);
                if (valid) {
                    ++outages;
                    ASSERT_EQ(s.job.state, outages > 3 ? State::dead : State::queued);
                }
            }
            if (report) {
                ASSERT_EQ(*report == Report::accepted, valid && before.job.state == State::leased);
                if (*report != Report::accepted) {
                    ASSERT_EQ(s.job.state, before.job.state);
                    ASSERT_EQ(s.job.result, before.job.result);
                    ASSERT_EQ(s.lease_until, before.lease_until);
                }
            }
            if (s.job.state != State::leased) held = false;
            ASSERT_LT(failures,
                      limits.attempts + (s.job.state == State::dead || s.job.state == State::failed ||
                                         s.job.state == State::cancelled));
            ASSERT_EQ(s.job.process_deaths, deaths);
            ASSERT_EQ(s.job.failures, failures);
            ASSERT_EQ(s.job.attempts, failures + outages + deaths + (s.job.state == State::leased) +
                                          (s.job.state == State::done) +
                                          (s.job.state == State::cancelled && !s.token.empty()));
            ASSERT_EQ(s.job.state == State::done, !s.job.result.empty());
            if (s.job.state == State::done) {
                ASSERT_EQ(s.job.result, tokens.back());
            }
            if (is_ended(before.job.state) && event != 9) {
                ASSERT_EQ(s.job.state, before.job.state);
            }
        }
    }
}

}  // namespace
}  // namespace fadeout::jobs
