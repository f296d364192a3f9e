#pragma once
#include <stop_token>
#include <string_view>

#include "base/clock.h"

namespace fadeout {

/// Waits for `time`, or until a stop is asked for.
void pause(Duration time, const std::stop_token& stop);

/// Error(cancelled) where a stop was asked for: "The report was stopped." of "report".
void require_going_on(const std::stop_token& stop, std::string_view what);

}  // namespace fadeout
