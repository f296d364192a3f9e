#pragma once
#include <algorithm>
#include <cstdint>

#include "base/clock.h"

namespace fadeout::http {

/// How long one client may still let the server wait. It begins with a full allowance; waiting uses it up,
/// bytes earn it back at a minimum rate. So one byte now and then does not hold a connection, while a slow
/// but steady line does.
class Patience {
  public:
    Patience(Duration full, std::uint64_t min_bytes_per_s)
        : full_(full), left_(full), min_bytes_per_s_(min_bytes_per_s) {}

    Duration left() const noexcept { return left_; }

    /// The client let us wait `waited` and then took or sent `bytes`.
    void account(Duration waited, std::uint64_t bytes) noexcept {
        const auto earned = std::min<std::uint64_t>(bytes * 1000 / min_bytes_per_s_,
                                                    static_cast<std::uint64_t>(full_.count()));
        left_ = std::min(full_, left_ - waited + Duration(static_cast<Duration::rep>(earned)));
    }

  private:
    Duration full_;
    Duration left_;
    std::uint64_t min_bytes_per_s_;
};

}  // namespace fadeout::http
