#pragma once
#include <exception>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/log_line.h"
#include "storage/missed.h"
#include "storage/object_store.h"

// What the stores that are made of two have in common.
namespace fadeout::storage {

enum class Side { first, second };

/// Notes durably that `key` must be made right later, not before `delay` from now. Throws Error where it
/// could not be noted.
using AskForRepair = std::function<void(const Key& key, Missed missed, Duration delay)>;
/// An upload that began within its link's time may end so much later.
inline constexpr Duration late_upload = std::chrono::hours(1);

/// `failure` with the words "The second store (s3, bucket audio): " before its message; what is no Error is
/// internal.
Error of_side(const std::exception& failure, Side side, const ObjectStore& store);

/// store.check(), with an Error of that side.
void check_side(ObjectStore& store, Side side);

/// store.remove(), with errors of that side; a call that fails as a whole is a failure of every key.
std::vector<RemoveResult> remove_from_side(ObjectStore& store, Side side, std::span<const Key> keys);

}  // namespace fadeout::storage
