// jobs_per_second QUEUE-URL JOBS WORKERS...
// Queues so many jobs, then has 1, 2, ... worker processes of one thread run them, each job doing nothing:
// what the queue itself costs. Prints one line per number of workers. The queue should be empty before.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "jobs/redis/redis_job_queue.h"
#include "jobs/sqlite/sqlite_job_queue.h"
#include "jobs/worker.h"

namespace fadeout::jobs {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

std::unique_ptr<JobQueue> open(const std::string& url) {
    static const SystemClock clock;
    constexpr std::string_view sqlite = "sqlite://";
    Limits limits;
    limits.queued = 10'000'000;
    if (url.starts_with(sqlite))
        return std::make_unique<SqliteJobQueue>(url.substr(sqlite.size()), clock, limits);
    return std::make_unique<RedisJobQueue>(url, clock, limits);
}

double seconds_since(Steady::time_point start) {
    return std::chrono::duration<double>(Steady::now() - start).count();
}

/// Until no job waits or runs.
void wait_for_end(JobQueue& queue) {
    for (;;) {
        auto counts = queue.counts();
        if (counts[State::queued] + counts[State::leased] == 0) return;
        std::this_thread::sleep_for(20ms);
    }
}

void work(const std::string& url) {
    const auto queue = open(url);
    const Worker worker(
        *queue, [](const Job&, const Worker::OnProgress&, std::stop_token) { return std::string("{}"); },
        [](const Job&, ErrorKind) { return Retry(true); },
        [](Severity, const std::string& line) { fmt::print(stderr, "{}\n", line); },
        {.threads = 1, .poll = 20ms});
    wait_for_end(*queue);
}

void measure(const std::string& url, int jobs, int workers) {
    const NewJob job{
        "speak", R"({"type":"speak","text":"A sentence of the usual length, spoken once."})", {}, ""};
    double enqueuing = 0;
    {
        const auto queue = open(url);
        const auto start = Steady::now();
        for (int i = 0; i < jobs; ++i) queue->enqueue(job);
        enqueuing = seconds_since(start);
    }
    const auto start = Steady::now();
    std::vector<pid_t> children;
    for (int w = 0; w < workers; ++w) {
        children.push_back(::fork());
        if (children.back() == 0) {
            work(url);
            ::_exit(0);
        }
    }
    for (const pid_t child : children) ::waitpid(child, nullptr, 0);
    fmt::print("{} workers: {:.0f} jobs/s run; {:.0f} jobs/s queued by one client\n", workers,
               jobs / seconds_since(start), jobs / enqueuing);
}

}  // namespace
}  // namespace fadeout::jobs

int main(int argc, char** argv) {
    if (argc < 4) {
        fmt::print(stderr, "jobs_per_second QUEUE-URL JOBS WORKERS...\n");
        return 2;
    }
    try {
        for (int i = 3; i < argc; ++i)
            fadeout::jobs::measure(argv[1], std::stoi(argv[2]), std::stoi(argv[i]));
    } catch (const fadeout::Error& e) {
        fmt::print(stderr, "{} [{}]\n", e.what(), e.detail());
        return 1;
    }
}
