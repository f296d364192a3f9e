#include "jobs/worker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <map>

#include "jobs/asked_to_wait.h"
#include "jobs/memory/memory_job_queue.h"

namespace fadeout::jobs {
namespace {

using namespace std::chrono_literals;

/// Waits for what another thread is about to do; fails after 20 s.
bool eventually(const std::function<bool()>& condition) {
    for (int i = 0; i < 20'000; ++i) {
        if (condition()) return true;
        std::this_thread::sleep_for(1ms);
    }
    return false;
}

/// A queue that can be made to fail, and counts how often it is asked.
class TestQueue final : public JobQueue {
  public:
    explicit TestQueue(const Clock& clock) : jobs_(clock) {}

    std::atomic<int> failing_leases = 0;  ///< so many of the next calls fail
    std::atomic<int> failing_reports = 0;
    std::atomic<int> failing_heartbeats = 0;
    std::atomic<ErrorKind> failure = ErrorKind::unavailable;
    std::atomic<int> leases = 0;
    std::atomic<int> heartbeats = 0;

    Job enqueue(const NewJob& job) override { return jobs_.enqueue(job); }
    std::optional<Lease> lease(const std::vector<std::string>& types) override {
        ++leases;
        fail_if(failing_leases);
        return jobs_.lease(types);
    }
    Report heartbeat(const std::string& id, const std::string& token, int progress) override {
        ++heartbeats;
        fail_if(failing_heartbeats);
        return jobs_.heartbeat(id, token, progress);
    }
    Report done(const std::string& id, const std::string& token, const std::string& result) override {
        fail_if(failing_reports);
        return jobs_.done(id, token, result);
    }
    Report failed(const std::string& id, const std::string& token, const std::string& error,
                  const Retry& retry) override {
        fail_if(failing_reports);
        return jobs_.failed(id, token, error, retry);
    }
    Report release(const std::string& id, const std::string& token) override {
        return jobs_.release(id, token);
    }
    Job cancel(const std::string& id) override { return jobs_.cancel(id); }
    Job retry(const std::string& id) override { return jobs_.retry(id); }
    Job restart(const std::string& id) override { return jobs_.restart(id); }
    std::optional<Job> get(const std::string& id) override { return jobs_.get(id); }
    JobPage list(const JobFilter& filter, std::string_view cursor, std::size_t limit) override {
        return jobs_.list(filter, cursor, limit);
    }
    std::map<State, std::size_t> counts() override { return jobs_.counts(); }
    std::size_t remove_ended(Time older_than, std::size_t limit) override {
        return jobs_.remove_ended(older_than, limit);
    }
    bool change_tenure(const std::string& name, const TenureChange& change) override {
        return jobs_.change_tenure(name, change);
    }
    void check() override {}

  private:
    void fail_if(std::atomic<int>& times) {
        if (times-- > 0) throw Error(failure, "The queue is away.", "at 10.0.0.1");
        times = 0;
    }
    MemoryJobQueue jobs_;
};

class WorkerTest : public testing::Test {
  protected:
    Worker make(Worker::Handler handler, WorkerOptions options = {.poll = 1ms}) {
        return Worker(
            queue_, std::move(handler),
            [](const Job&, ErrorKind kind) { return Retry(kind == ErrorKind::unavailable); },
            [this](Severity severity, const std::string& line) {
                std::lock_guard lock(mutex_);
                log_ += (severity == Severity::error ? "error: " : "info: ") + line + "\n";
            },
            std::move(options));
    }
    std::string add(const std::string& type = "speak") {
        return queue_.enqueue({type, "payload", {}, ""}).id;
    }
    bool reaches(const std::string& id, State state) {
        return eventually([&] { return queue_.get(id)->state == state; });
    }
    std::string log() {
        std::lock_guard lock(mutex_);
        return log_;
    }
    /// A handler that runs until it is told to stop.
    Worker::Handler until_stopped() {
        return [this](const Job&, const Worker::OnProgress&, std::stop_token stop) -> std::string {
            ++started_;
            while (!stop.stop_requested()) std::this_thread::sleep_for(1ms);
            throw Error(ErrorKind::cancelled, "stopped");
        };
    }

    ManualClock clock_{from_unix_seconds(1'795'188'600)};
    TestQueue queue_{clock_};
    std::atomic<int> started_ = 0;
    std::mutex mutex_;
    std::string log_;
};

TEST_F(WorkerTest, RunsJobsAndStoresTheirResults) {
    const std::string first = add();
    Worker worker = make([](const Job& job, const auto&, auto) { return "\"" + job.payload + "\""; });
    EXPECT_TRUE(reaches(first, State::done));
    EXPECT_EQ(queue_.get(first)->result, "\"payload\"");
    EXPECT_TRUE(reaches(add(), State::done)) << "an idle worker looks again";
}

TEST_F(WorkerTest, AJobWhoseOtherSideAskedForTimeIsNotTriedEarlier) {
    const std::string id = add();
    Worker worker = make([](const auto&, const auto&, auto) -> std::string {
        throw AskedToWait(Error(ErrorKind::unavailable, "later"), 3h);
    });
    EXPECT_TRUE(eventually([&] { return queue_.get(id)->error == "later"; }));
    EXPECT_EQ(queue_.get(id)->run_at, clock_.now() + 3h);
}

TEST_F(WorkerTest, NotifyWakesAnIdleWorkerAtOnce) {
    Worker worker = make([](const auto&, const auto&, auto) { return "1"; }, {.threads = 2, .poll = 1h});
    EXPECT_TRUE(eventually([&] { return queue_.leases >= 2; }));
    const std::string id = add();
    worker.notify();
    EXPECT_TRUE(reaches(id, State::done));
}

TEST_F(WorkerTest, AnIdleWorkerDoesNotSpin) {
    Worker worker = make([](const auto&, const auto&, auto) { return "1"; }, {.threads = 2, .poll = 1h});
    std::this_thread::sleep_for(30ms);
    EXPECT_LE(queue_.leases, 2);
    EXPECT_EQ(queue_.heartbeats, 0);
}

TEST_F(WorkerTest, RunsOnlyItsTypes) {
    const std::string other = add("other");
    Worker worker =
        make([](const auto&, const auto&, auto) { return "1"; }, {.types = {"speak"}, .poll = 1ms});
    EXPECT_TRUE(reaches(add("speak"), State::done));
    EXPECT_EQ(queue_.get(other)->state, State::queued);
}

TEST_F(WorkerTest, ErrorsAreRetriedOrNotByTheirKind) {
    Worker worker = make([](const Job& job, const auto&, auto) -> std::string {
        if (job.type == "away") throw Error(ErrorKind::unavailable, "The store is away.", "at 10.0.0.1");
        if (job.type == "bug") throw std::logic_error("private words");
        throw Error(ErrorKind::unprocessable, "This is not audio.");
    });
    const std::string away = add("away"), bug = add("bug"), bad = add("bad");
    EXPECT_TRUE(reaches(bad, State::failed));
    EXPECT_TRUE(reaches(bug, State::failed)) << "internal, which this test's classification does not retry";
    EXPECT_TRUE(eventually([&] { return queue_.get(away)->run_at > clock_.now(); }));
    EXPECT_EQ(queue_.get(away)->state, State::queued);
    EXPECT_EQ(queue_.get(away)->error, "The store is away.") << "without the detail";
    EXPECT_EQ(queue_.get(bug)->error.find("private"), std::string::npos);
    EXPECT_NE(log().find("private words"), std::string::npos);
    EXPECT_NE(log().find("at 10.0.0.1"), std::string::npos);
}

TEST_F(WorkerTest, ARetriedJobRunsAgainAfterItsBackoff) {
    std::atomic<int> runs = 0;
    Worker worker = make([&](const auto&, const auto&, auto) -> std::string {
        if (++runs < 3) throw Error(ErrorKind::unavailable, "away");
        return "1";
    });
    const std::string id = add();
    for (int attempt = 1; attempt < 3; ++attempt) {
        ASSERT_TRUE(eventually([&] { return runs == attempt && queue_.get(id)->state == State::queued; }));
        clock_.set(queue_.get(id)->run_at);
    }
    EXPECT_TRUE(reaches(id, State::done));
    EXPECT_EQ(queue_.get(id)->attempts, 3);
}

TEST_F(WorkerTest, HeartbeatsKeepTheLeaseAndCarryTheProgress) {
    std::atomic<bool> finish = false;
    Worker worker = make(
        [&](const auto&, const Worker::OnProgress& on_progress, auto) -> std::string {
            on_progress(0.42);
            while (!finish) std::this_thread::sleep_for(1ms);
            return "1";
        },
        {.poll = 1ms, .heartbeat = 5ms, .progress = 5ms});
    const std::string id = add();
    EXPECT_TRUE(eventually([&] { return queue_.get(id)->progress == 42; }));
    for (int i = 0; i < 5; ++i) {
        clock_.advance(29s);
        EXPECT_TRUE(eventually([&] { return queue_.get(id)->updated_at == clock_.now(); }));
    }
    finish = true;
    EXPECT_TRUE(reaches(id, State::done));
    EXPECT_EQ(queue_.get(id)->attempts, 1);
}

TEST_F(WorkerTest, ProgressIsStoredBetweenHeartbeatsAndOnlyWhenItChanged) {
    std::atomic<double> progress = 0.1;
    Worker worker = make(
        [&](const auto&, const Worker::OnProgress& on_progress, auto) -> std::string {
            for (; progress < 1; std::this_thread::sleep_for(1ms)) on_progress(progress);
            return "1";
        },
        {.poll = 1ms, .heartbeat = 1h, .progress = 2ms});
    const std::string id = add();
    EXPECT_TRUE(eventually([&] { return queue_.get(id)->progress == 10; }));
    std::this_thread::sleep_for(20ms);
    EXPECT_EQ(queue_.heartbeats, 1);
    progress = 0.55;
    EXPECT_TRUE(eventually([&] { return queue_.get(id)->progress == 55; }));
    progress = 1;
}

TEST_F(WorkerTest, AnyProgressValueIsSafe) {
    Worker worker = make([](const auto&, const Worker::OnProgress& on_progress, auto) {
        for (const double f : {-1.0, 7.0, std::numeric_limits<double>::quiet_NaN(), 1e300}) on_progress(f);
        return "1";
    });
    EXPECT_TRUE(reaches(add(), State::done));
}

TEST_F(WorkerTest, ACancelledJobIsStoppedAndItsResultDropped) {
    Worker worker = make(until_stopped(), {.poll = 1ms, .heartbeat = 2ms});
    const std::string id = add();
    ASSERT_TRUE(eventually([&] { return started_ == 1; }));
    queue_.cancel(id);
    EXPECT_TRUE(eventually([&] { return log().find("dropped") != std::string::npos; }));
    EXPECT_EQ(queue_.get(id)->state, State::cancelled);
    EXPECT_TRUE(queue_.get(id)->error.empty());
    EXPECT_EQ(started_, 1);
}

TEST_F(WorkerTest, AJobThatWasTakenOverKeepsTheOthersResult) {
    std::atomic<bool> finish = false;
    Worker worker = make(
        [&](const auto&, const auto&, auto) -> std::string {
            ++started_;
            while (!finish) std::this_thread::sleep_for(1ms);
            return "stale";
        },
        {.poll = 1h, .heartbeat = 1h, .progress = 1h});
    const std::string id = add();
    worker.notify();
    ASSERT_TRUE(eventually([&] { return started_ == 1; }));
    clock_.advance(30s);
    const Lease taken = queue_.lease({}).value();
    queue_.done(id, taken.token, "fresh");
    finish = true;
    EXPECT_TRUE(eventually([&] { return log().find("dropped") != std::string::npos; }));
    EXPECT_EQ(queue_.get(id)->result, "fresh");
}

TEST_F(WorkerTest, StopLetsARunningJobFinish) {
    const std::string id = add();
    Worker worker = make([&](const auto&, const auto&, auto) -> std::string {
        ++started_;
        std::this_thread::sleep_for(30ms);
        return "1";
    });
    ASSERT_TRUE(eventually([&] { return started_ == 1; }));
    const std::string waiting = add();
    worker.stop(20s);
    EXPECT_EQ(queue_.get(id)->state, State::done);
    EXPECT_EQ(queue_.get(waiting)->state, State::queued) << "nothing new is begun";
    worker.stop(20s);
}

TEST_F(WorkerTest, StopPutsBackWhatDoesNotFinish) {
    const std::string id = add();
    Worker worker = make(until_stopped());
    ASSERT_TRUE(eventually([&] { return started_ == 1; }));
    worker.stop(5ms);
    const Job job = queue_.get(id).value();
    EXPECT_EQ(job.state, State::queued);
    EXPECT_EQ(job.attempts, 0);
    EXPECT_EQ(job.process_deaths, 0);
    EXPECT_THAT(log(), testing::Not(testing::HasSubstr("error"))) << "nothing went wrong";
    EXPECT_TRUE(queue_.lease({})) << "due at once";
}

TEST_F(WorkerTest, AQueueThatIsAwayIsAskedAgain) {
    queue_.failing_leases = 1;
    queue_.failing_reports = 1;
    const std::string id = add();
    Worker worker = make([](const auto&, const auto&, auto) { return "1"; });
    EXPECT_TRUE(reaches(id, State::done));
    EXPECT_EQ(queue_.get(id)->attempts, 1) << "the result was kept until the queue took it";
    EXPECT_THAT(log(), testing::ContainsRegex("error: .*is away"));
    EXPECT_THAT(log(), testing::HasSubstr("info: The queue is back"));
    EXPECT_THAT(log(), testing::ContainsRegex("error: .*cannot report"));
}

TEST_F(WorkerTest, AFailingHeartbeatIsLoggedOnceAndRecovers) {
    queue_.failing_heartbeats = 5;
    Worker worker = make(until_stopped(), {.poll = 1ms, .heartbeat = 2ms, .progress = 2ms});
    add();
    EXPECT_TRUE(eventually([&] { return queue_.heartbeats > 8; }));
    const std::string lines = log();
    EXPECT_NE(lines.find("heartbeat"), std::string::npos);
    EXPECT_EQ(lines.find("heartbeat"), lines.rfind("heartbeat"));
}

TEST_F(WorkerTest, StopDoesNotWaitForAQueueThatIsAway) {
    queue_.failing_reports = 1'000'000;
    const std::string id = add();
    Worker worker = make([&](const auto&, const auto&, auto) { return "1"; });
    ASSERT_TRUE(eventually([&] { return log().find("cannot report") != std::string::npos; }));
    worker.stop(1ms);
    EXPECT_EQ(queue_.get(id)->state, State::leased) << "comes back when its lease runs out";
}

TEST_F(WorkerTest, TwoWorkersNeverRunTheSameLease) {
    constexpr int jobs = 200;
    std::mutex mutex;
    std::map<std::string, int> runs;
    const auto handler = [&](const Job& job, const auto&, auto) {
        std::lock_guard lock(mutex);
        ++runs[job.id];
        return std::string("1");
    };
    for (int i = 0; i < jobs; ++i) add();
    Worker first = make(handler, {.threads = 4, .poll = 1ms});
    Worker second = make(handler, {.threads = 4, .poll = 1ms});
    EXPECT_TRUE(eventually([&] { return queue_.counts()[State::done] == jobs; }));
    first.stop(1s);
    second.stop(1s);
    EXPECT_EQ(runs.size(), static_cast<std::size_t>(jobs));
    for (const auto& [id, times] : runs) EXPECT_EQ(times, 1) << id;
}

TEST_F(WorkerTest, WithoutThreadsItRunsNothing) {
    Worker worker = make([](const auto&, const auto&, auto) { return "1"; }, {.threads = 0});
    const std::string id = add();
    worker.notify();
    worker.stop(0ms);
    EXPECT_EQ(queue_.get(id)->state, State::queued);
    EXPECT_EQ(queue_.leases, 0);
}

}  // namespace
}  // namespace fadeout::jobs
