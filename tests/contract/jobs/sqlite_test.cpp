#include <gmock/gmock.h>
#include <unistd.h>

#include <chrono>
#include <set>
#include <span>

#include "base/error.h"
#include "child_process.h"
#include "job_queue_contract.h"
#include "jobs/sqlite/schema.h"
#include "jobs/sqlite/sqlite_job_queue.h"
#include "jobs/sqlite/statements.h"
#include "sqlite/database.h"
#include "sqlite/test_faults.h"

namespace fadeout::jobs {

INSTANTIATE_TEST_SUITE_P(Sqlite, JobQueueContract,
                         testing::Values(Backend{
                             "sqlite", [](const TestFolder& folder, const Clock& clock, const Limits& limits,
                                          const FollowUp& follow_up) {
                                 return std::make_unique<SqliteJobQueue>(
                                     folder.file("jobs.db"), clock, limits, [] { return fixed_random; },
                                     follow_up);
                             }}));

namespace {

using namespace std::chrono_literals;

class SqliteJobs : public testing::Test {
  protected:
    TestFolder folder_;
    const std::string path_ = folder_.file("jobs.db");
    ManualClock clock_{from_unix_seconds(1'795'188'600)};
};

// Promise 4: what was acknowledged is not lost.
TEST_F(SqliteJobs, AnAcceptedJobSurvivesKill) {
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    constexpr std::size_t id_bytes = 36;
    const pid_t child = in_child([&] {
        SqliteJobQueue queue(path_, clock_);
        for (;;) {
            const std::string id = queue.enqueue({"speak", "{}", {}, ""}).id;
            if (::write(pipe[1], id.data(), id_bytes) != ssize_t{id_bytes}) ::_exit(1);
        }
    });
    ::close(pipe[1]);
    std::vector<std::string> ids;
    std::string id(id_bytes, ' ');
    while (::read(pipe[0], id.data(), id_bytes) == ssize_t{id_bytes}) {
        ids.push_back(id);
        if (ids.size() == 50) kill_child(child);
    }
    ::close(pipe[0]);
    SqliteJobQueue queue(path_, clock_);
    ASSERT_GE(ids.size(), 50u);
    for (const std::string& accepted : ids) EXPECT_TRUE(queue.get(accepted)) << accepted;
    EXPECT_GE(queue.counts()[State::queued], ids.size());
}

// In real time: a process is killed while it holds a lease and sends heartbeats; another one gets the job
// once the last of them has run out, and not before.
TEST_F(SqliteJobs, AnotherProcessTakesOverFromAKilledOne) {
    const SystemClock clock;
    const Limits limits{.lease = 300ms, .heartbeat = 50ms};
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    const pid_t child = in_child([&] {
        SqliteJobQueue queue(path_, clock, limits);
        const std::string id = queue.enqueue({"speak", "{}", {}, ""}).id;
        const Lease lease = queue.lease({}).value();
        for (char beat = 0;; ++beat) {
            if (queue.heartbeat(id, lease.token, beat) != Report::accepted) ::_exit(1);
            if (::write(pipe[1], &beat, 1) != 1) ::_exit(1);
            ::usleep(50'000);
        }
    });
    ::close(pipe[1]);
    char beat = 0;
    ASSERT_EQ(::read(pipe[0], &beat, 1), 1);
    SqliteJobQueue queue(path_, clock, limits);
    while (beat < 10) {  // half a second: longer than a lease without heartbeats
        ASSERT_EQ(::read(pipe[0], &beat, 1), 1);
        EXPECT_FALSE(queue.lease({})) << "taken from a worker that is alive";
    }
    kill_child(child);
    ::close(pipe[0]);
    const Time killed_at = clock.now();
    std::optional<Lease> lease;
    while (!lease && clock.now() < killed_at + 10s) {
        lease = queue.lease({});
        ::usleep(5'000);
    }
    ASSERT_TRUE(lease);
    EXPECT_EQ(lease->job.process_deaths, 1);
    EXPECT_EQ(lease->job.attempts, 2);
    EXPECT_EQ(queue.done(lease->job.id, lease->token, "x"), Report::accepted);
}

TEST_F(SqliteJobs, ProcessesShareTheJobsWithoutRunningOneTwice) {
    constexpr int jobs = 200, processes = 3;
    const SystemClock clock;
    {
        SqliteJobQueue queue(path_, clock);
        for (int i = 0; i < jobs; ++i) queue.enqueue({"speak", "{}", {}, ""});
    }
    std::vector<pid_t> children;
    for (int p = 0; p < processes; ++p)
        children.push_back(in_child([&] {
            SqliteJobQueue queue(path_, clock);
            while (const auto lease = queue.lease({}))
                if (queue.done(lease->job.id, lease->token, "x") != Report::accepted) ::_exit(1);
        }));
    for (const pid_t child : children) EXPECT_TRUE(ended_well(child));
    SqliteJobQueue queue(path_, clock);
    EXPECT_EQ(queue.counts()[State::done], static_cast<std::size_t>(jobs));
    for (const Job& job : queue.list({}, "", jobs).jobs) EXPECT_EQ(job.attempts, 1);
}

// The file of a fadeout that counted all failures alike: a job that waits there for a store has lost nothing.
TEST_F(SqliteJobs, AFileFromBeforeFailuresWereCountedGoesOn) {
    {
        sqlite::Database old(path_, "jobs", std::span(migrations).first(3));
        old.write([&](sqlite::Connection& connection) {
            return connection.execute(
                "INSERT INTO jobs (id, type, state, progress, attempts, process_deaths, created_at, "
                "updated_at, run_at, token, lease_until, error, result, payload) "
                "VALUES ('old', 'speak', 'queued', 0, 20, 0, 1, 1, 1, '', 0, 'away', '', '{}')");
        });
    }
    SqliteJobQueue queue(path_, clock_);
    EXPECT_EQ(queue.get("old")->failures, 0);
    queue.failed("old", queue.lease({}).value().token, "no luck", true);
    const Job job = queue.get("old").value();
    EXPECT_EQ(job.state, State::queued);
    EXPECT_EQ(job.attempts, 21);
    EXPECT_EQ(job.failures, 1);
}

TEST_F(SqliteJobs, FullDiskAcknowledgesNothing) {
    SqliteJobQueue queue(path_, clock_);
    const std::string kept = queue.enqueue({"speak", "{}", {}, ""}).id;
    {
        const sqlite::FullDisk full;
        for (const auto& write : {std::function([&] {
                                      queue.enqueue({"speak", "{}", {}, ""});
                                  }),
                                  std::function([&] { queue.lease({}); })}) {
            try {
                write();
                ADD_FAILURE() << "a write on a full disk returned";
            } catch (const Error& e) {
                EXPECT_EQ(e.kind(), ErrorKind::storage_full) << e.what();
            }
        }
        EXPECT_EQ(queue.counts()[State::queued], 1u);
    }
    EXPECT_EQ(queue.lease({}).value().job.id, kept);
}

TEST_F(SqliteJobs, AnIdleWorkerWritesNothing) {
    SqliteJobQueue queue(path_, clock_);
    queue.enqueue({"speak", "{}", clock_.now() + 1s, ""});
    const sqlite::FullDisk any_write_fails;
    EXPECT_FALSE(queue.lease({}));
    EXPECT_FALSE(queue.lease({"speak", "transcode"}));
}

// No plan may walk over all jobs or sort them: that is what keeps a lease fast with 100,000 jobs waiting.
TEST_F(SqliteJobs, NoStatementScansOrSorts) {
    { SqliteJobQueue queue(path_, clock_); }
    sqlite::Connection raw(path_);
    for (const std::string_view sql : std::initializer_list<std::string_view>{
             statements::select_by_id, statements::select_by_seq, statements::select_by_key,
             statements::select_expired, statements::any_expired, statements::longest_due,
             statements::longest_due_of_type, statements::page, statements::page_by_state,
             statements::page_by_type, statements::page_by_both, statements::update, statements::count,
             statements::remove_ended}) {
        const std::string explain = "EXPLAIN QUERY PLAN " + std::string(sql);
        sqlite::Query plan = raw.query(explain);
        std::string steps;
        while (plan.next()) steps += plan.text(3) + "\n";
        EXPECT_THAT(steps, testing::HasSubstr("SEARCH")) << sql;
        EXPECT_THAT(steps, testing::Not(testing::HasSubstr("SCAN jobs"))) << sql;
        EXPECT_THAT(steps, testing::Not(testing::HasSubstr("TEMP B-TREE"))) << sql;
    }
}

}  // namespace
}  // namespace fadeout::jobs
