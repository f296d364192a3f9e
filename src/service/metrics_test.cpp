#include "service/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "jobs/memory/memory_job_queue.h"

namespace fadeout::service {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

struct MetricsTest : testing::Test {
    std::string text() { return metrics.exposition(queue); }

    SystemClock clock;
    jobs::MemoryJobQueue queue{clock};
    Metrics metrics{"1.2.3"};
};

TEST_F(MetricsTest, RequestsByRouteAndStatus) {
    using std::chrono::milliseconds;
    metrics.count_request("GET", "/v1/jobs/{id}", 200, milliseconds(3), 10);
    metrics.count_request("GET", "/v1/jobs/{id}", 200, milliseconds(50), 20);
    metrics.count_request("GET", "/v1/jobs/{id}", 404, milliseconds(3), 30);
    EXPECT_THAT(
        text(),
        AllOf(HasSubstr("# TYPE fadeout_http_requests_total counter\n"),
              HasSubstr(
                  "fadeout_http_requests_total{method=\"GET\",route=\"/v1/jobs/{id}\",status=\"200\"} 2\n"),
              HasSubstr(
                  "fadeout_http_requests_total{method=\"GET\",route=\"/v1/jobs/{id}\",status=\"404\"} 1\n"),
              HasSubstr("fadeout_http_request_seconds_bucket{route=\"/v1/jobs/{id}\",le=\"0.025\"} 2\n"),
              HasSubstr("fadeout_http_request_seconds_count{route=\"/v1/jobs/{id}\"} 3\n"),
              HasSubstr("fadeout_http_sent_bytes_total 60\n")));
}

TEST_F(MetricsTest, WhatFitsNoRouteMakesNoSeriesOfItsOwn) {
    metrics.count_request("BREW", "", 404, {}, 0);
    metrics.count_request("GET", "", 404, {}, 0);
    EXPECT_THAT(text(), HasSubstr("fadeout_http_requests_total{method=\"\",route=\"\",status=\"404\"} 2\n"));
}

TEST_F(MetricsTest, JobsWhileTheyRunAndByOutcome) {
    const std::string result = metrics.measure_job("speak", [&] {
        EXPECT_THAT(text(), HasSubstr("fadeout_jobs_running{type=\"speak\"} 1\n"));
        return "{}";
    });
    EXPECT_EQ(result, "{}");
    const auto fail = [&](ErrorKind kind) {
        EXPECT_THROW(metrics.measure_job("speak", [&]() -> std::string { throw Error(kind, "no"); }), Error);
    };
    fail(ErrorKind::unavailable);
    fail(ErrorKind::cancelled);
    EXPECT_THROW(metrics.measure_job("speak", []() -> std::string { throw std::bad_alloc(); }),
                 std::bad_alloc);
    const auto count = [](const char* outcome, int n) {
        return HasSubstr("fadeout_job_seconds_count{outcome=\"" + std::string(outcome) +
                         "\",type=\"speak\"} " + std::to_string(n) + "\n");
    };
    EXPECT_THAT(text(), AllOf(HasSubstr("fadeout_jobs_running{type=\"speak\"} 0\n"), count("done", 1),
                              count("failed", 2), count("stopped", 1)));
}

TEST_F(MetricsTest, Sweeps) {
    EXPECT_THAT(text(), AllOf(HasSubstr("fadeout_swept_total{action=\"deleted\"} 0\n"),
                              HasSubstr("fadeout_last_sweep_timestamp_seconds 0\n")));
    cleanup::Summary summary;
    summary.deleted = 3;
    summary.failed = 1;
    summary.bytes = 4096;
    metrics.count_sweep(summary, Time(Duration(1'700'000'000'000)));
    cleanup::Summary ended_early;
    ended_early.deleted = 2;
    ended_early.complete = false;
    metrics.count_sweep(ended_early, Time(Duration(1'800'000'000'000)));
    EXPECT_THAT(text(), AllOf(HasSubstr("fadeout_swept_total{action=\"deleted\"} 5\n"),
                              HasSubstr("fadeout_swept_total{action=\"failed\"} 1\n"),
                              HasSubstr("fadeout_swept_bytes_total 4096\n"),
                              HasSubstr("fadeout_last_sweep_timestamp_seconds 1700000000\n")));
}

TEST_F(MetricsTest, TheQueueAndTheProcess) {
    queue.enqueue({.type = "speak", .payload = "{}", .run_at = std::nullopt, .idempotency_key = {}});
    EXPECT_THAT(text(),
                AllOf(HasSubstr("fadeout_queue_up 1\n"), HasSubstr("fadeout_jobs{state=\"queued\"} 1\n"),
                      HasSubstr("fadeout_build_info{version=\"1.2.3\"} 1\n"),
                      HasSubstr("\nprocess_cpu_seconds_total "), HasSubstr("\nprocess_start_time_seconds "),
                      HasSubstr("\nprocess_resident_memory_bytes "), Not(HasSubstr("process_open_fds 0\n"))));
}

struct QueueThatIsAway final : jobs::MemoryJobQueue {
    using MemoryJobQueue::MemoryJobQueue;
    std::map<jobs::State, std::size_t> counts() override { throw Error(ErrorKind::unavailable, "away"); }
};

TEST_F(MetricsTest, AQueueThatIsAwayIsToldAndTheRestGoesOn) {
    QueueThatIsAway away{clock};
    metrics.count_request("GET", "/voices", 200, {}, 0);
    EXPECT_THAT(metrics.exposition(away),
                AllOf(HasSubstr("fadeout_queue_up 0\n"), Not(HasSubstr("fadeout_jobs{")),
                      HasSubstr("route=\"/voices\"")));
}

}  // namespace
}  // namespace fadeout::service
