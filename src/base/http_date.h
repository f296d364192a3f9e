#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace fadeout {

/// "Sun, 06 Nov 1994 08:49:37 GMT" (IMF-fixdate, RFC 9110 section 5.6.7).
std::string format_http_date(Time t);
/// Reads that form only; the two obsolete ones are taken as no date.
std::optional<Time> parse_http_date(std::string_view text);

}  // namespace fadeout
