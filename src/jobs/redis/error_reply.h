#pragma once
#include <string_view>

#include "base/error.h"

namespace fadeout::jobs::redis {

/// What an error answer of Redis ("LOADING Redis is loading the dataset in memory") means, and how to mend
/// it: unavailable, misconfigured or storage_full, internal where it is none that is expected. The answer
/// itself goes to the detail.
Error to_error(std::string_view reply);

}  // namespace fadeout::jobs::redis
