#pragma once
#include <cstdint>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "http/message.h"

namespace fadeout::http {

struct ByteRange {
    std::uint64_t offset = 0;
    std::uint64_t size_bytes = 0;
    bool operator==(const ByteRange&) const = default;
};

struct WholeObject {
    bool operator==(const WholeObject&) const = default;
};
struct Unsatisfiable {
    bool operator==(const Unsatisfiable&) const = default;
};

/// What a Range field asks of `total` bytes. Anything but one range of bytes is answered with the whole
/// object, as RFC 9110 section 14.2 lets a server do.
std::variant<WholeObject, ByteRange, Unsatisfiable> parse_range(std::string_view value, std::uint64_t total);

/// "W/"a", "b"": does the list of an If-None-Match hold `etag` (without quotes)? "*" holds all.
bool matches_etag(std::string_view list, std::string_view etag);

/// GET or HEAD need not send the object: the client has it (If-None-Match, else If-Modified-Since).
bool is_not_modified(const Request& request, std::string_view etag, Time modified);
/// A Range field counts: there is no If-Range, or it names this version.
bool range_applies(const Request& request, std::string_view etag, Time modified);

}  // namespace fadeout::http
