#pragma once
#include <chrono>

#include "base/clock.h"

namespace fadeout::storage {

/// What one of two stores missed, and a repair has to do there. One of a write copies; only one of a removal
/// may remove an object because the other store has none.
enum class Missed { write, removal };

/// A link straight into the second store of a failover lives no longer. What was brought home must stay there
/// for so long.
inline constexpr Duration longest_second_link = std::chrono::hours(1);

}  // namespace fadeout::storage
