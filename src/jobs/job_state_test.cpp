#include "jobs/job_state.h"

#include <gtest/gtest.h>

namespace fadeout::jobs {
namespace {

using namespace std::chrono_literals;

TEST(JobState, NamesAreThoseOfTheApiAndReadBack) {
    EXPECT_EQ(name(State::queued), "queued");
    EXPECT_EQ(name(State::leased), "leased");
    EXPECT_EQ(name(State::done), "done");
    EXPECT_EQ(name(State::failed), "failed");
    EXPECT_EQ(name(State::dead), "dead");
    EXPECT_EQ(name(State::cancelled), "cancelled");
    for (const State state : all_states) EXPECT_EQ(parse_state(name(state)), state);
    for (const char* wrong : {"", "Queued", "running", "queued "}) EXPECT_FALSE(parse_state(wrong)) << wrong;
}

TEST(Backoff, DoublesUpToTheLimit) {
    const Limits limits;
    const double most = 1 - 1e-9;
    for (const auto& [attempts, whole] : {std::pair{1, 2s},
                                          {2, 4s},
                                          {3, 8s},
                                          {7, 128s},
                                          {8, 256s},
                                          {9, 300s},
                                          {60, 300s},
                                          {1'000'000, 300s}}) {
        EXPECT_EQ(backoff(limits, attempts, 0), whole / 2) << attempts;
        EXPECT_NEAR(static_cast<double>(backoff(limits, attempts, most).count()),
                    static_cast<double>(whole.count()) * 1e3, 2)
            << attempts;
    }
}

TEST(Backoff, IsNeverZero) {
    Limits limits;
    limits.backoff_base = limits.backoff_limit = 0ms;
    EXPECT_GE(backoff(limits, 0, 0), 1ms);
    EXPECT_GE(backoff(Limits{}, -5, 0), 1s);
}

}  // namespace
}  // namespace fadeout::jobs
