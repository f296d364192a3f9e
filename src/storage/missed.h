#pragma once

namespace fadeout::storage {

/// What one of two stores missed, and a repair has to do there. One of a write copies; only one of a removal
/// may remove an object because the other store has none.
enum class Missed { write, removal };

}  // namespace fadeout::storage
