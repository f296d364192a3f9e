#pragma once
#include <string_view>

#include "base/error.h"

namespace fadeout::jobs::redis {

/// What an error answer of Redis ("LOADING Redis is loading the dataset in memory") means, and how to mend
/// it: unavailable, misconfigured or storage_full, internal where it is none that is expected. The answer
/// itself goes to the detail.
Error to_error(std::string_view reply);

/// The server takes no writes, as one does that was the primary until now. Nothing was written, and a new
/// connection may lead to the server that is the primary.
bool is_of_a_replica(std::string_view reply);

}  // namespace fadeout::jobs::redis
