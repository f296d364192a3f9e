#include "service/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <fstream>

namespace fadeout::service {

namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;

/// Upper ends in seconds: from an answer out of memory to the longest render.
const Histogram::BucketBoundaries seconds{0.005, 0.025, 0.1, 0.5, 2, 10, 60, 300};

/// Size of the process in memory. 0 where the system does not tell.
double resident_bytes() {
    std::ifstream statm("/proc/self/statm");
    double total_pages = 0, resident_pages = 0;
    statm >> total_pages >> resident_pages;
    return resident_pages * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double open_descriptors() {
    std::error_code error;
    const std::filesystem::directory_iterator all("/proc/self/fd", error);
    return error ? 0 : static_cast<double>(std::distance(begin(all), end(all)));
}

/// User and system time of the process.
double cpu_seconds() {
    timespec used{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

double unix_seconds(Time time) {
    return std::chrono::duration<double>(time.time_since_epoch()).count();
}

/// Metrics by name, each with what it means.
struct Registry : prometheus::Registry {
    Family<Counter>& counter(const char* name, const char* help) {
        return prometheus::BuildCounter().Name(name).Help(help).Register(*this);
    }
    Family<Gauge>& gauge(const char* name, const char* help) {
        return prometheus::BuildGauge().Name(name).Help(help).Register(*this);
    }
    Family<Histogram>& histogram(const char* name, const char* help) {
        return prometheus::BuildHistogram().Name(name).Help(help).Register(*this);
    }
};

}  // namespace

/// What is counted as it happens.
struct Metrics::Families : Registry {
    Family<Counter>& requests =
        counter("fadeout_http_requests_total", "Requests answered; status 499: the client left before");
    Family<Histogram>& request_seconds =
        histogram("fadeout_http_request_seconds", "From a request's head to the end of its answer");
    Counter& sent_bytes = counter("fadeout_http_sent_bytes_total", "Bytes of answers' bodies").Add({});

    Family<Histogram>& job_seconds =
        histogram("fadeout_job_seconds", "Attempts at jobs of this node, by their outcome");
    Family<Gauge>& running = gauge("fadeout_jobs_running", "Jobs that this node runs now");

    Family<Counter>& swept =
        counter("fadeout_swept_total", "Objects and records of sweeps by this node; failed ones stay due");
    Counter& swept_bytes = counter("fadeout_swept_bytes_total", "Bytes of the objects deleted").Add({});
    Gauge& last_sweep =
        gauge("fadeout_last_sweep_timestamp_seconds", "End of the last complete sweep by this node; 0: none")
            .Add({});
};

Metrics::Metrics(const std::string& version) : families_(std::make_unique<Families>()) {
    families_->gauge("fadeout_build_info", "Always 1").Add({{"version", version}}).Set(1);
    families_->gauge("process_start_time_seconds", "Start of the process")
        .Add({})
        .Set(unix_seconds(SystemClock().now()));
    for (const char* action : {"deleted", "failed"}) families_->swept.Add({{"action", action}});
}

Metrics::~Metrics() = default;

void Metrics::count_request(const std::string& method, const std::string& route, int status,
                            std::chrono::microseconds took, std::uint64_t sent_bytes) {
    const std::string known_method = route.empty() ? "" : method;  // anything, where no route was found
    families_->requests.Add({{"method", known_method}, {"route", route}, {"status", std::to_string(status)}})
        .Increment();
    families_->request_seconds.Add({{"route", route}}, seconds)
        .Observe(std::chrono::duration<double>(took).count());
    families_->sent_bytes.Increment(static_cast<double>(sent_bytes));
}

std::string Metrics::measure_job(const std::string& type, const std::function<std::string()>& work) {
    using Steady = std::chrono::steady_clock;
    const auto began = Steady::now();
    Gauge& running = families_->running.Add({{"type", type}});
    running.Increment();
    const auto end = [&](const char* outcome) {
        running.Decrement();
        families_->job_seconds.Add({{"type", type}, {"outcome", outcome}}, seconds)
            .Observe(std::chrono::duration<double>(Steady::now() - began).count());
    };
    try {
        std::string result = work();
        end("done");
        return result;
    } catch (const Error& error) {
        end(error.kind() == ErrorKind::cancelled ? "stopped" : "failed");
        throw;
    } catch (...) {
        end("failed");
        throw;
    }
}

void Metrics::count_sweep(const cleanup::Summary& summary, Time ended) {
    families_->swept.Add({{"action", "deleted"}}).Increment(static_cast<double>(summary.deleted));
    families_->swept.Add({{"action", "failed"}}).Increment(static_cast<double>(summary.failed));
    families_->swept_bytes.Increment(static_cast<double>(summary.bytes));
    if (summary.complete) families_->last_sweep.Set(unix_seconds(ended));
}

std::string Metrics::exposition(jobs::JobQueue& queue) {
    Registry now;  // what is looked up, so that nothing stale stays
    Gauge& queue_up = now.gauge("fadeout_queue_up", "Whether the queue answers: 1 or 0").Add({});
    try {
        auto& jobs = now.gauge("fadeout_jobs", "Jobs in the queue, which all nodes share, by state");
        for (const auto& [state, count] : queue.counts())
            jobs.Add({{"state", std::string(jobs::name(state))}}).Set(static_cast<double>(count));
        queue_up.Set(1);
    } catch (const Error&) {
        queue_up.Set(0);
    }
    now.gauge("process_resident_memory_bytes", "Resident memory").Add({}).Set(resident_bytes());
    now.gauge("process_open_fds", "Open file descriptors").Add({}).Set(open_descriptors());
    now.counter("process_cpu_seconds_total", "User and system time").Add({}).Increment(cpu_seconds());
    const prometheus::TextSerializer text;
    return text.Serialize(families_->Collect()) + text.Serialize(now.Collect());
}

}  // namespace fadeout::service
