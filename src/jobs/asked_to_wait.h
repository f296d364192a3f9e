#pragma once
#include "base/clock.h"
#include "base/error.h"

namespace fadeout::jobs {

/// The failure of an attempt whose other side asked to be left alone for so long: the next attempt is not
/// made earlier.
class AskedToWait final : public Error {
  public:
    AskedToWait(const Error& failure, Duration wait) : Error(failure), wait_(wait) {}
    Duration wait() const noexcept { return wait_; }

  private:
    Duration wait_;
};

}  // namespace fadeout::jobs
