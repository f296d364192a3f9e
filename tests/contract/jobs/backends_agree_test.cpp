#include <gmock/gmock.h>

#include <array>
#include <map>
#include <random>

#include "base/error.h"
#include "base/test_folder.h"
#include "job_queue_contract.h"
#include "jobs/memory/memory_job_queue.h"
#include "jobs/redis/redis_job_queue.h"
#include "jobs/sqlite/sqlite_job_queue.h"
#include "redis_server.h"

namespace fadeout::jobs {
namespace {

/// One backend and what the test remembers of it: the jobs by their number, the newest lease of each.
struct Side {
    std::unique_ptr<JobQueue> queue;
    std::map<int, std::string> ids;
    std::map<int, std::string> tokens;

    /// Everything about a job that may not depend on the backend, in one line.
    std::string describe(int number) {
        const std::optional<Job> job = queue->get(ids[number]);
        if (!job) return "absent";
        std::string line = job->type + " " + job->payload + " " + std::string(name(job->state));
        for (const long value :
             {long{job->progress}, long{job->attempts}, long{job->process_deaths}, long{job->failures},
              long{job->created_at.time_since_epoch().count()},
              long{job->updated_at.time_since_epoch().count()}, long{job->run_at.time_since_epoch().count()}})
            line += " " + std::to_string(value);
        line += " result=" + job->result + " error=" + job->error;
        const std::optional<Job> next = queue->get(job->follow_up);
        return next ? line + " then " + next->payload + " " + std::string(name(next->state)) : line;
    }
};

/// What a call came to, as text: its answer or the kind of its Error.
template <class Call>
std::string outcome(Call&& call) {
    try {
        return call();
    } catch (const Error& e) {
        return std::string(name(e.kind()));
    }
}

std::string text(Report report) {
    return std::to_string(static_cast<int>(report));
}

class BackendsAgree : public testing::Test {
  protected:
    BackendsAgree() {
        const auto random = [] { return 0.25; };
        sides_[0].queue = std::make_unique<MemoryJobQueue>(clock_, limits_, random, note_after);
        sides_[1].queue =
            std::make_unique<SqliteJobQueue>(folder_.file("jobs.db"), clock_, limits_, random, note_after);
        sides_[2].queue = std::make_unique<RedisJobQueue>(redis_.url(redis_database_), clock_, limits_,
                                                          random, RedisOptions{}, note_after);
    }

    std::string enqueue(Side& side, int number, unsigned variant) {
        static constexpr std::array types = {"speak", "told"};
        NewJob job{types[variant % 2], std::to_string(number), std::nullopt, ""};
        if (variant % 5 == 0) job.run_at = clock_.now() + Duration(variant * 100);
        if (variant % 7 == 0) job.idempotency_key = "key" + std::to_string(variant % 3);
        side.ids[number] = side.queue->enqueue(job).id;
        return side.describe(number);
    }
    std::string lease(Side& side, unsigned variant) {
        const auto lease = side.queue->lease(variant % 3 == 0 ? std::vector<std::string>{"speak"}
                                                              : std::vector<std::string>{});
        if (!lease) return "nothing";
        for (const auto& [number, id] : side.ids)
            if (id == lease->job.id) side.tokens[number] = lease->token;
        return lease->job.payload + " " + std::to_string(lease->lease_until.time_since_epoch().count());
    }
    std::string step(Side& side, unsigned event, int number, unsigned variant) {
        JobQueue& queue = *side.queue;
        const std::string id = side.ids[number];
        const std::string token = side.tokens[number];
        switch (event) {
            case 0:
                return enqueue(side, static_cast<int>(side.ids.size()), variant);
            case 1:
            case 2:
                return lease(side, variant);
            case 3:
                return text(queue.heartbeat(id, token, static_cast<int>(variant)));
            case 4:
                return text(queue.done(id, token, "{\"n\":1}"));
            case 5:
                return text(queue.failed(
                    id, token, "no luck",
                    Retry(variant % 4 != 0, variant % 3 ? std::vector<Duration>{}
                                                        : std::vector<Duration>(4, Duration(variant)))));
            case 6:
                return text(queue.release(id, token));
            case 7:
                return std::string(name(queue.cancel(id).state));
            case 8:
                return std::string(name(queue.retry(id).state));
            case 9:
                return std::string(name(queue.restart(id).state));
            default:
                return std::to_string(queue.remove_ended(clock_.now() - Duration(90'000), 2));
        }
    }

    ManualClock clock_{from_unix_seconds(1'795'188'600)};
    const Limits limits_{.attempts = 3, .queued = 12};
    TestFolder folder_;
    RedisServer& redis_ = shared_redis();
    const int redis_database_ = redis_.fresh_database();
    std::array<Side, 3> sides_;  ///< the first says what is right
};

// The same random calls on all: every answer, every job and every count must be the same.
TEST_F(BackendsAgree, OnEverySequenceOfCalls) {
    std::mt19937 random(5);
    Side& model = sides_[0];
    for (int i = 0; i < 500; ++i) {
        const auto event = static_cast<unsigned>(random() % 11);
        const auto variant = static_cast<unsigned>(random() % 100);
        const int number = model.ids.empty() ? 0 : static_cast<int>(random() % model.ids.size());
        clock_.advance(Duration(random() % 8 ? random() % 2'000 : random() % 40'000));
        const std::string expected = outcome([&] { return step(model, event, number, variant); });
        for (std::size_t other = 1; other < sides_.size(); ++other) {
            Side& side = sides_[other];
            SCOPED_TRACE("step " + std::to_string(i) + ", event " + std::to_string(event) + ", side " +
                         std::to_string(other));
            ASSERT_EQ(outcome([&] { return step(side, event, number, variant); }), expected);
            ASSERT_EQ(side.describe(number), model.describe(number));
            ASSERT_EQ(side.queue->counts(), model.queue->counts());
        }
    }
    for (const auto& [number, id] : model.ids)
        for (std::size_t other = 1; other < sides_.size(); ++other)
            EXPECT_EQ(sides_[other].describe(number), model.describe(number));
    EXPECT_THAT(audit(redis_, redis_database_), testing::IsEmpty());
}

}  // namespace
}  // namespace fadeout::jobs
