#pragma once
#include <cstddef>

#include "http/message.h"

namespace fadeout::http {

/// ?limit=50 of the lists: 1 to 1,000, 50 where it is missing. Error(invalid) otherwise.
std::size_t limit_parameter(const Request& request);

}  // namespace fadeout::http
