#include "jobs/job_state.h"

#include <algorithm>
#include <cmath>

namespace fadeout::jobs {

std::string_view name(State state) noexcept {
    switch (state) {
        case State::queued:
            return "queued";
        case State::leased:
            return "leased";
        case State::done:
            return "done";
        case State::failed:
            return "failed";
        case State::dead:
            return "dead";
        case State::cancelled:
            return "cancelled";
    }
    return "unknown";
}

std::optional<State> parse_state(std::string_view text) noexcept {
    for (const State state : all_states)
        if (name(state) == text) return state;
    return std::nullopt;
}

bool is_ended(State state) noexcept {
    return state != State::queued && state != State::leased;
}

Duration backoff(const Limits& limits, int attempts, double random) noexcept {
    const double whole = std::min(
        std::ldexp(static_cast<double>(limits.backoff_base.count()), std::clamp(attempts - 1, 0, 1'000)),
        static_cast<double>(limits.backoff_limit.count()));
    return std::max(Duration(1), Duration(static_cast<Duration::rep>(whole * (0.5 + random / 2))));
}

}  // namespace fadeout::jobs
