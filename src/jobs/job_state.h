#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace fadeout::jobs {

/// queued -> leased -> done | failed | dead | cancelled; leased -> queued when retried, released or its lease
/// ran out.
enum class State { queued, leased, done, failed, dead, cancelled };
inline constexpr std::array all_states = {State::queued, State::leased, State::done,
                                          State::failed, State::dead,   State::cancelled};

std::string_view name(State state) noexcept;
std::optional<State> parse_state(std::string_view text) noexcept;
bool is_ended(State state) noexcept;  ///< neither queued nor leased: never runs again by itself

/// What may be asked of a queue. Set once when it is made.
struct Limits {
    Duration lease{30'000};
    Duration heartbeat{10'000};
    int attempts = 5;              ///< retry limit: after so many Job::failures it is dead
    int process_deaths = 3;        ///< so many leases that ran out, and it is dead
    Duration backoff_base{2'000};  ///< first retry; doubles with each attempt
    Duration backoff_limit{300'000};
    std::size_t queued = 100'000;  ///< more waiting jobs are refused
};

/// Delay before attempt `attempts + 1`: exponential with full jitter in its upper half, so that it never is
/// zero. `random` is uniform in [0, 1).
Duration backoff(const Limits& limits, int attempts, double random) noexcept;

}  // namespace fadeout::jobs
