#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace fadeout::net {

/// "bytes 0-99/1000" of an answer with status 206 (RFC 9110, 14.4).
struct ContentRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;              ///< inclusive
    std::optional<std::uint64_t> total;  ///< nothing for "*"
    bool operator==(const ContentRange&) const = default;
};

/// The 1000 of "bytes */1000", which an answer with status 416 may have (RFC 9110, 15.5.17).
std::optional<std::uint64_t> parse_unsatisfied_range(std::string_view text);

/// Nothing where it is malformed, or first <= last < total does not hold.
std::optional<ContentRange> parse_content_range(std::string_view text);

}  // namespace fadeout::net
