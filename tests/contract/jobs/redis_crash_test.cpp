#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "base/error.h"
#include "child_process.h"
#include "job_queue_contract.h"
#include "jobs/redis/redis_job_queue.h"
#include "redis_relay.h"
#include "redis_server.h"

namespace fadeout::jobs {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

constexpr Time start = Time(std::chrono::sys_days(std::chrono::year(2026) / 11 / 20));
const NewJob request{"speak", "{}", std::nullopt, "key"};

void require(bool condition) {
    if (!condition) throw std::runtime_error("not as expected");
}

/// One job through every operation that changes it, in a process of its own. Throws where an answer is not as
/// it should be.
void live(RedisJobQueue& queue, ManualClock& clock) {
    const std::string id = queue.enqueue(request).id;
    require(queue.enqueue(request).id == id);
    const auto lease = [&] { return queue.lease({}).value(); };
    require(queue.release(id, lease().token) == Report::accepted);
    Lease held = lease();
    require(held.job.attempts == 1);
    require(queue.heartbeat(id, held.token, 30) == Report::accepted);
    require(queue.failed(id, held.token, "no luck", true) == Report::accepted);
    clock.advance(1h);
    held = lease();
    require(held.job.attempts == 2);
    clock.advance(1h);
    held = lease();  // the lease had run out
    require(held.job.process_deaths == 1);
    require(queue.cancel(id).state == State::cancelled);
    require(queue.heartbeat(id, held.token, 40) == Report::cancelled);
    require(queue.retry(id).state == State::queued);
    require(queue.done(id, lease().token, "{\"url\":1}") == Report::accepted);
    const std::string told = queue.enqueue({"told", "", std::nullopt, "told"}).id;
    require(queue.done(told, lease().token, "") == Report::accepted);
    held = lease();
    require(held.job.payload == "done ");
    require(queue.done(held.job.id, held.token, "") == Report::accepted);
    require(!queue.lease({}));
    require(queue.enqueue({"transcode", "{}", start + 100h, ""}).state == State::queued);
    clock.advance(1h);
    require(queue.remove_ended(clock.now(), 10) <= 3);  // a lost answer is a lost count
    require(!queue.get(id));
    const auto acquire = [&](Tenure& tenure) { return on_acquire(tenure, "node", 10s, clock.now()); };
    require(queue.change_tenure("sweep", acquire));
    require(queue.change_tenure("sweep", [&](Tenure& tenure) {
        return on_renew(tenure, "node", 1, 10s, clock.now());  // not 2, though an answer was lost
    }));
}

class RedisFaults : public testing::Test {
  protected:
    /// live() in a process of its own behind a relay. False: it ended before the moment.
    bool live_through(Relay::Fault fault, int moment, int& status) {
        server_.command({"FLUSHALL"});
        server_.command({"SCRIPT", "FLUSH"});
        Relay relay(server_.port());
        const std::string url = "redis://127.0.0.1:" + std::to_string(relay.port()) + "/0";
        const pid_t child = in_child([&] {
            ManualClock clock(start);
            RedisJobQueue queue(url, clock, {}, system_random, {}, note_after);
            live(queue, clock);
        });
        return relay.run(child, fault, moment, status);
    }

    RedisServer& server_ = shared_redis();
};

// The client process dies before each command and before each answer. Whatever it left behind is consistent,
// and the job comes to its end, once, by whoever asks again with its key.
TEST_F(RedisFaults, AClientKilledBetweenAnyTwoStepsLosesAndDoublesNothing) {
    int moments = 0;
    for (int status = 0; live_through(Relay::Fault::kill_client, moments, status); ++moments) {
        SCOPED_TRACE("killed at piece " + std::to_string(moments));
        ASSERT_TRUE(WIFSIGNALED(status));
        ASSERT_THAT(audit(server_, 0), IsEmpty());
        ManualClock clock(start + 10h);
        RedisJobQueue queue(server_.url(), clock);
        const Job job = queue.enqueue(request);
        if (job.state == State::cancelled) queue.retry(job.id);
        if (job.state != State::done) {
            const Lease lease = queue.lease({"speak"}).value();
            ASSERT_EQ(lease.job.id, job.id);
            ASSERT_LE(lease.job.process_deaths, 2);
            ASSERT_EQ(queue.done(job.id, lease.token, "{}"), Report::accepted);
        }
        ASSERT_FALSE(queue.lease({"speak"}));
        ASSERT_EQ(queue.list({State::done, "speak"}, "", 10).jobs.size(), 1u);
        ASSERT_LE(queue.list({std::nullopt, "note"}, "", 10).jobs.size(), 1u);
        for (const Job& told : queue.list({std::nullopt, "told"}, "", 10).jobs)
            ASSERT_EQ(queue.get(told.follow_up).has_value(), told.state == State::done);
        ASSERT_THAT(audit(server_, 0), IsEmpty());
    }
    EXPECT_GT(moments, 60) << "the relay saw too little";
}

// The connection is cut before each command and before each answer: no call fails, and each has its effect
// once.
TEST_F(RedisFaults, ALostAnswerIsAskedForAgainWithoutASecondEffect) {
    int moments = 0;
    for (int status = 0; live_through(Relay::Fault::cut, moments, status); ++moments) {
        SCOPED_TRACE("cut at piece " + std::to_string(moments));
        ASSERT_TRUE(WIFEXITED(status));
        ASSERT_EQ(WEXITSTATUS(status), 0);
        ASSERT_THAT(audit(server_, 0), IsEmpty());
        const ManualClock clock(start);
        RedisJobQueue queue(server_.url(), clock);
        ASSERT_THAT(queue.counts(), ElementsAre(Pair(State::queued, 1)));
    }
    EXPECT_GT(moments, 60) << "the relay saw too little";
}

TEST_F(RedisFaults, ProcessesShareTheJobsWithoutRunningOneTwice) {
    constexpr int jobs = 300, processes = 4;
    const std::string url = server_.url(server_.fresh_database());
    const SystemClock clock;
    RedisJobQueue queue(url, clock);
    for (int i = 0; i < jobs; ++i) queue.enqueue({"speak", "{}", {}, ""});
    std::vector<pid_t> children;
    for (int p = 0; p < processes; ++p)
        children.push_back(in_child([&] {
            RedisJobQueue own(url, clock);
            while (const auto lease = own.lease({}))
                if (own.done(lease->job.id, lease->token, "x") != Report::accepted) ::_exit(1);
        }));
    for (const pid_t child : children) EXPECT_TRUE(ended_well(child));
    EXPECT_THAT(queue.counts(), ElementsAre(Pair(State::done, jobs)));
    for (const Job& job : queue.list({}, "", jobs).jobs) EXPECT_EQ(job.attempts, 1);
}

// Many threads report, cancel and retry the same few jobs: every change is decided on what the job really is.
TEST_F(RedisFaults, ContendingChangesLeaveEverythingConsistent) {
    const int database = server_.fresh_database();
    const SystemClock clock;
    RedisJobQueue queue(server_.url(database), clock, {.lease = Duration(5)});
    std::vector<std::string> ids;
    for (int i = 0; i < 3; ++i) ids.push_back(queue.enqueue({"speak", "{}", {}, ""}).id);
    std::atomic<int> leases = 0;
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([&, t] {
                for (int i = 0; i < 40; ++i) {
                    const std::string& id = ids[static_cast<std::size_t>(i + t) % ids.size()];
                    try {
                        if (const auto lease = queue.lease({})) {
                            ++leases;
                            queue.heartbeat(lease->job.id, lease->token, i);
                            queue.release(lease->job.id, lease->token);
                        }
                        if (t == 0) queue.cancel(id);
                        if (t == 1) queue.retry(id);
                    } catch (const Error& e) {
                        EXPECT_EQ(e.kind(), ErrorKind::conflict) << e.what();
                    }
                }
            });
    }
    EXPECT_GT(leases, 0);
    EXPECT_THAT(audit(server_, database), IsEmpty());
}

// Promise 4: what was acknowledged is not lost when the server is killed, where it is set up so (appendfsync
// always).
TEST(RedisRestart, AcceptedJobsSurviveKillOfTheServer) {
    RedisServer server("always");
    const SystemClock clock;
    RedisJobQueue queue(server.url(), clock);
    const Job first = queue.enqueue({"speak", "{}", {}, "first"});
    const Lease held = queue.lease({}).value();
    std::vector<std::string> accepted;
    std::jthread submitting([&] {
        try {
            for (;;) accepted.push_back(queue.enqueue({"speak", "{}", {}, ""}).id);
        } catch (const Error& e) {
            EXPECT_EQ(e.kind(), ErrorKind::unavailable) << e.what();
        }
    });
    while (queue.counts()[State::queued] < 50) ::usleep(1'000);
    server.kill();
    submitting.join();
    server.start();
    ASSERT_GE(accepted.size(), 49u);
    while (true) {  // the server is left alone for a moment after it was not there
        try {
            queue.check();
            break;
        } catch (const Error&) {
            ::usleep(10'000);
        }
    }
    for (const std::string& id : accepted) EXPECT_TRUE(queue.get(id)) << id;
    EXPECT_EQ(queue.enqueue({"speak", "{}", {}, "first"}).id, first.id);
    EXPECT_EQ(queue.done(first.id, held.token, "x"), Report::accepted) << "the lease outlives the server";
    EXPECT_THAT(audit(server, 0), IsEmpty());
}

}  // namespace
}  // namespace fadeout::jobs
