#include <gmock/gmock.h>
#include <signal.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "base/error.h"
#include "fake_redis.h"
#include "jobs/redis/redis_job_queue.h"
#include "jobs/worker.h"
#include "redis_server.h"

namespace fadeout::jobs {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

const NewJob request{"speak", "{}", std::nullopt, ""};

/// "kind: message" of the Error that it throws; "" where it throws none.
template <class Action>
std::string refusal(Action&& action) {
    try {
        action();
    } catch (const Error& e) {
        return std::string(name(e.kind())) + ": " + e.what();
    }
    return "";
}

/// How the server is set up, who may use it, and what it answers when it is not well.
class RedisSetup : public testing::Test {
  protected:
    ~RedisSetup() override {
        server_.command({"CONFIG", "SET", "maxmemory", "0"});
        server_.command({"CONFIG", "SET", "maxmemory-policy", "noeviction"});
        server_.command({"REPLICAOF", "NO", "ONE"});
        server_.command({"ACL", "DELUSER", "jobs"});
    }
    /// A queue whose server was found well, with a connection to it.
    std::unique_ptr<RedisJobQueue> open(const std::string& url) {
        auto queue = std::make_unique<RedisJobQueue>(url, clock_, Limits{}, system_random, options_);
        queue->check();
        queue->get("none");
        return queue;
    }

    RedisServer& server_ = shared_redis();
    const int database_ = server_.fresh_database();
    const std::string url_ = server_.url(database_);
    const SystemClock clock_;
    RedisOptions options_{.timeouts = {.connect = 1s, .command = 300ms}};
};

TEST_F(RedisSetup, SaysWhatIsWrongWithTheLogin) {
    server_.command({"ACL", "SETUSER", "jobs", "on", ">s3cret", "~*", "+@all"});
    EXPECT_EQ(refusal([&] { open(server_.url(database_, "jobs:s3cret@")); }), "");
    for (const char* login : {"jobs:wrong@", "nobody:s3cret@"})
        EXPECT_THAT(refusal([&] { open(server_.url(database_, login)); }),
                    AllOf(HasSubstr("misconfigured: "), HasSubstr("login"), HasSubstr("queue.url")));
    EXPECT_THAT(refusal([&] { open(server_.url(database_, ":s3cret@")); }), HasSubstr("no password set"));
    server_.command({"CONFIG", "SET", "requirepass", "s3cret"});
    EXPECT_THAT(refusal([&] { open(url_); }),
                AllOf(HasSubstr("misconfigured: "), HasSubstr("asks for a login")));
    EXPECT_EQ(refusal([&] { open(server_.url(database_, ":s3cret@"))->enqueue(request); }), "");
    redis::Connection({"127.0.0.1", server_.port(), "", "s3cret", 0}, {})
        .call(std::initializer_list<std::string_view>{"CONFIG", "SET", "requirepass", ""});
}

TEST_F(RedisSetup, SaysThatTheDatabaseIsNotThere) {
    EXPECT_THAT(refusal([&] { open(server_.url(99)); }),
                AllOf(HasSubstr("misconfigured: "), HasSubstr("database")));
}

TEST_F(RedisSetup, DatabasesAreApart) {
    open(url_)->enqueue(request);
    EXPECT_THAT(open(server_.url(server_.fresh_database()))->counts(), IsEmpty());
}

// The rights that the documentation asks for, and no more.
TEST_F(RedisSetup, WorksWithFewRights) {
    server_.command({"ACL",
                     "SETUSER",
                     "jobs",
                     "on",
                     ">s3cret",
                     "~fadeout:jobs:*",
                     "+eval",
                     "+evalsha",
                     "+select",
                     "+time",
                     "+set",
                     "+unlink",
                     "+exists",
                     "+incr",
                     "+hget",
                     "+hmget",
                     "+hgetall",
                     "+hset",
                     "+hdel",
                     "+hstrlen",
                     "+zadd",
                     "+zrem",
                     "+zcard",
                     "+zrangebyscore",
                     "+zrevrangebylex"});
    const auto queue = open(server_.url(database_, "jobs:s3cret@"));
    EXPECT_THAT(queue->durability(), HasSubstr("may not be read"));
    const Job job = queue->enqueue({"speak", "{}", std::nullopt, "key"});
    const Lease lease = queue->lease({}).value();
    EXPECT_EQ(queue->heartbeat(job.id, lease.token, 1), Report::accepted);
    EXPECT_EQ(queue->done(job.id, lease.token, "{}"), Report::accepted);
    EXPECT_EQ(queue->list({}, "", 10).jobs.size(), 1u);
    EXPECT_EQ(queue->remove_ended(clock_.now() + 1h, 10), 1u);
    EXPECT_NO_THROW(queue->check());
    server_.command({"ACL", "SETUSER", "jobs", "-set"});
    EXPECT_THAT(refusal([&] { queue->check(); }),
                AllOf(HasSubstr("misconfigured: "), HasSubstr("permission")));
}

TEST_F(RedisSetup, SaysHowDurableItIs) {
    EXPECT_THAT(open(url_)->durability(), AllOf(HasSubstr("Redis"), HasSubstr("half minute")));
    server_.command({"CONFIG", "SET", "appendfsync", "everysec"});
    EXPECT_THAT(open(url_)->durability(), HasSubstr("append-only file, synced every second"));
    server_.command({"CONFIG", "SET", "appendfsync", "always"});
    EXPECT_THAT(open(url_)->durability(), HasSubstr("no accepted job is lost"));
    server_.command({"CONFIG", "SET", "appendfsync", "no"});
}

TEST_F(RedisSetup, RefusesAServerThatForgetsJobs) {
    const auto queue = open(url_);
    server_.command({"CONFIG", "SET", "maxmemory-policy", "allkeys-lru"});
    EXPECT_THAT(refusal([&] { open(url_); }), AllOf(HasSubstr("misconfigured: "), HasSubstr("noeviction")));
    EXPECT_THAT(refusal([&] { queue->check(); }), HasSubstr("noeviction"));
}

TEST_F(RedisSetup, TakesNothingNewWithoutMemoryButFinishesWhatItHas) {
    const auto queue = open(url_);
    const Job job = queue->enqueue(request);
    const Job other = queue->enqueue(request);
    server_.command({"CONFIG", "SET", "maxmemory", "1"});
    EXPECT_THAT(refusal([&] { queue->enqueue(request); }),
                AllOf(HasSubstr("storage_full: "), HasSubstr("maxmemory")));
    EXPECT_THAT(refusal([&] { queue->check(); }), HasSubstr("maxmemory"));
    const Lease lease = queue->lease({}).value();
    EXPECT_EQ(queue->heartbeat(job.id, lease.token, 10), Report::accepted);
    EXPECT_EQ(queue->done(job.id, lease.token, "{}"), Report::accepted);
    EXPECT_EQ(queue->cancel(other.id).state, State::cancelled);
    EXPECT_EQ(queue->remove_ended(clock_.now() + 1h, 10), 2u);
    server_.command({"CONFIG", "SET", "maxmemory", "0"});
    EXPECT_THAT(audit(server_, database_), IsEmpty());
    EXPECT_EQ(refusal([&] { queue->enqueue(request); }), "");
}

TEST_F(RedisSetup, SaysThatAReplicaTakesNoWrites) {
    const auto queue = open(url_);
    server_.command({"REPLICAOF", "127.0.0.1", "1"});
    EXPECT_THAT(refusal([&] { queue->enqueue(request); }),
                AllOf(HasSubstr("unavailable: "), HasSubstr("primary")));
    server_.command({"REPLICAOF", "NO", "ONE"});
    EXPECT_EQ(refusal([&] { queue->enqueue(request); }), "");
}

/// As where a name leads to another server once the one behind it has lost its part.
TEST_F(RedisSetup, GoesToTheNewPrimaryWithoutAFailure) {
    for (const std::string refusal : {"-READONLY You can't write against a read only replica.\r\n",
                                      "-ERR Error running script (call to f_0): @user_script:9: "
                                      "@user_script: 9: -READONLY You can't write "
                                      "against a read only replica.\r\n"}) {
        std::atomic<int> asked = 0;
        const FakeRedis server([&](const auto&) { return ++asked == 1 ? refusal : "+OK\r\n"; });
        redis::Client client({"127.0.0.1", server.port(), "", "", 0}, options_.timeouts, 4);
        EXPECT_EQ(redis::text(*client.call(std::array<std::string_view, 3>{"SET", "k", "v"})), "OK");
        EXPECT_EQ(server.connections(), 2) << "the old one still leads to the replica";
    }
}

/// As a server does that was told to evict keys where nobody could read so, or an operator by hand.
TEST_F(RedisSetup, GoesOnWhereJobsWereTakenAway) {
    const auto queue = open(url_);
    const auto take_away = [&](const std::string& id) {
        server_.command({"DEL", "fadeout:jobs:job:" + id}, database_);
    };
    take_away(queue->enqueue(request).id);
    const Job second = queue->enqueue(request), third = queue->enqueue(request);
    EXPECT_EQ(queue->lease({})->job.id, second.id);
    take_away(second.id);
    const auto lease = queue->lease({"speak"});
    ASSERT_TRUE(lease);
    EXPECT_EQ(lease->job.id, third.id);
    EXPECT_FALSE(queue->lease({}));
    EXPECT_EQ(queue->list({}, "", 10).jobs.size(), 1u);
    EXPECT_EQ(queue->done(third.id, lease->token, "{}"), Report::accepted);
    take_away(third.id);
    const Job fourth = queue->enqueue(request);
    queue->cancel(fourth.id);
    EXPECT_EQ(queue->remove_ended(clock_.now() + 1h, 10), 2u);
    EXPECT_FALSE(queue->get(fourth.id));
    ManualClock later(clock_.now() + 1h);
    RedisJobQueue at_later(url_, later, Limits{}, system_random, options_);
    EXPECT_FALSE(at_later.lease({})) << "the lease of the second ran out";
}

/// Nodes of two versions work at the same queue while one after the other is replaced.
TEST_F(RedisSetup, AJobOfANodeThatDidNotCountFailuresGoesOn) {
    const auto queue = open(url_);
    const std::string id = queue->enqueue(request).id, key = "fadeout:jobs:job:" + id;
    server_.command({"HSET", key, "attempts", "20"}, database_);
    EXPECT_EQ(redis::text(*server_.command({"HGET", key, "failures"}, database_)), "0");
    server_.command({"HDEL", key, "failures"}, database_);
    const auto lease = queue->lease({});
    ASSERT_TRUE(lease);
    server_.command({"HDEL", key, "failures"}, database_);
    EXPECT_EQ(queue->heartbeat(id, lease->token, 50), Report::accepted);
    EXPECT_EQ(queue->failed(id, lease->token, "no luck", true), Report::accepted);
    const Job job = queue->get(id).value();
    EXPECT_EQ(job.state, State::queued);
    EXPECT_EQ(job.attempts, 21);
    EXPECT_EQ(job.failures, 1);
}

TEST_F(RedisSetup, LeavesForeignKeysAlone) {
    server_.command({"SET", "fadeout:jobs:due", "not mine"}, database_);
    EXPECT_THAT(refusal([&] { open(url_)->lease({}); }),
                AllOf(HasSubstr("misconfigured: "), HasSubstr("another database")));
}

TEST_F(RedisSetup, AServerThatStandsStillIsGivenUpInTime) {
    const auto queue = open(url_);
    ::kill(server_.pid(), SIGSTOP);
    EXPECT_THAT(refusal([&] { queue->enqueue(request); }),
                AllOf(HasSubstr("unavailable: "), HasSubstr("in time")));
    ::kill(server_.pid(), SIGCONT);
    EXPECT_EQ(refusal([&] { queue->enqueue(request); }), "");
    EXPECT_THAT(audit(server_, database_), IsEmpty());
}

TEST_F(RedisSetup, ARestartBetweenTwoCallsGoesUnnoticed) {
    RedisServer server("always");
    const auto queue = open(server.url());
    const std::string id = queue->enqueue(request).id;
    server.stop();
    server.start();
    EXPECT_EQ(queue->lease({}).value().job.id, id);
}

TEST_F(RedisSetup, AQueueIsMadeBeforeItsServerStarts) {
    RedisServer server("always");
    server.stop();
    RedisJobQueue queue(server.url(), clock_, Limits{}, system_random, options_);
    EXPECT_EQ(queue.durability(), "");
    for (int i = 0; i < 3; ++i)
        EXPECT_THAT(refusal([&] { queue.enqueue(request); }), HasSubstr("cannot be reached"));
    server.start();
    EXPECT_EQ(refusal([&] { queue.check(); }), "") << "what failed before keeps nobody waiting who asks";
    EXPECT_THAT(queue.durability(), HasSubstr("no accepted job is lost"));
    const std::string id = queue.enqueue(request).id;
    EXPECT_EQ(queue.lease({}).value().job.id, id);
}

TEST_F(RedisSetup, AJobIsNotGivenToAServerThatForgetsJobsEvenWhereNobodyChecked) {
    server_.command({"CONFIG", "SET", "maxmemory-policy", "allkeys-lru"});
    RedisJobQueue queue(url_, clock_, Limits{}, system_random, options_);
    EXPECT_THAT(refusal([&] { queue.enqueue(request); }),
                AllOf(HasSubstr("misconfigured: "), HasSubstr("noeviction")));
}

/// Accepts connections and closes them at the first command.
std::string slam(const std::vector<std::string>&) {
    return "";
}

TEST_F(RedisSetup, SaysThatTheServerIsNotThere) {
    std::uint16_t closed_port = 0;
    {
        const FakeRedis server(slam);
        closed_port = server.port();
        EXPECT_THAT(refusal([&] { open("redis://:x@127.0.0.1:" + std::to_string(server.port())); }),
                    HasSubstr("unavailable: "));
    }
    const std::string message =
        refusal([&] { open("redis://:s3cret@127.0.0.1:" + std::to_string(closed_port)); });
    EXPECT_THAT(message, AllOf(HasSubstr("unavailable: "), HasSubstr("cannot be reached")));
    EXPECT_THAT(message, AllOf(Not(HasSubstr("127.0.0.1")), Not(HasSubstr("s3cret"))));
}

TEST_F(RedisSetup, AServerThatFailsIsNotStormed) {
    const FakeRedis server(slam);
    redis::Pool pool({"127.0.0.1", server.port(), "", "x", 0}, options_.timeouts, 4);
    int failures = 0;
    const auto end = std::chrono::steady_clock::now() + 500ms;
    while (std::chrono::steady_clock::now() < end) failures += refusal([&] { pool.lend(); }).empty() ? 0 : 1;
    EXPECT_GT(failures, 100) << "who comes meanwhile hears of it at once";
    EXPECT_LT(server.connections(), 10);
}

// Threads of the worker, its heartbeats, and a queue whose connections are fewer than those.
TEST_F(RedisSetup, AWorkerRunsEveryJobOnce) {
    constexpr int jobs = 200;
    options_.connections = 3;
    const auto queue = open(url_);
    for (int i = 0; i < jobs; ++i) queue->enqueue({"speak", std::to_string(i), std::nullopt, ""});
    std::atomic<int> runs = 0;
    {
        Worker worker(
            *queue,
            [&](const Job& job, const Worker::OnProgress& on_progress, std::stop_token) {
                on_progress(0.5);
                ++runs;
                return job.payload;
            },
            [](const Job&, ErrorKind) { return Retry(true); },
            [](Severity, const std::string& line) { ADD_FAILURE() << line; },
            {.threads = 6, .poll = 5ms, .heartbeat = 2ms, .progress = 2ms});
        while (queue->counts()[State::done] < jobs) std::this_thread::sleep_for(5ms);
    }
    EXPECT_EQ(runs, jobs);
    EXPECT_THAT(queue->counts(), ElementsAre(Pair(State::done, jobs)));
    EXPECT_THAT(audit(server_, database_), IsEmpty());
}

}  // namespace
}  // namespace fadeout::jobs
