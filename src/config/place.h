#pragma once
#include <span>
#include <string_view>

#include "base/error.h"

namespace fadeout::config {

/// What is wrong with the URL of a store, the records or the queue that has none of the `known` forms
/// ("s3://bucket?region=NAME"): Error(invalid) with the likely slip and all the forms. `what` is "The store's
/// URL". Of the URL it repeats no more than the scheme, since the rest may hold a password.
Error unknown_place(std::string_view what, std::string_view url, std::span<const std::string_view> known);

}  // namespace fadeout::config
