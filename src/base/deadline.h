#pragma once
#include <chrono>

#include "base/clock.h"

namespace fadeout {

/// What a check of whether a service works may take in all, however it hangs: whoever asks waits for the
/// answer.
inline constexpr Duration check_limit{5'000};

/// A moment after which nobody waits any more, by a clock that nobody can set.
class Deadline {
  public:
    Deadline() = default;  ///< never
    explicit Deadline(Duration from_now) : end_(Steady::now() + from_now) {}

    /// Not positive once it has passed.
    Duration left() const {
        if (end_ == Steady::time_point::max()) return Duration::max();
        return std::chrono::duration_cast<Duration>(end_ - Steady::now());
    }

  private:
    using Steady = std::chrono::steady_clock;
    Steady::time_point end_ = Steady::time_point::max();
};

}  // namespace fadeout
