#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace fadeout {

std::string to_hex(std::span<const unsigned char> bytes);  ///< lower case
std::string to_lower(std::string_view text);               ///< ASCII only
std::string_view trim(std::string_view text);              ///< ASCII white space at both ends
std::vector<std::string_view> split(std::string_view text, char separator);
bool equal_constant_time(std::string_view a, std::string_view b) noexcept;

/// Percent-encoding as RFC 3986 and SigV4 want it: only A-Z a-z 0-9 - . _ ~ stay, and '/' where `keep_slash`.
std::string percent_encode(std::string_view text, bool keep_slash = false);
/// Nothing where a '%' is not followed by two hex digits. '+' stays a plus.
std::optional<std::string> percent_decode(std::string_view text);

/// Bytes of valid UTF-8 (RFC 3629: no surrogates, no overlong forms)?
bool is_utf8(std::string_view text) noexcept;
/// Code points in valid UTF-8: the unit of every text limit.
std::size_t count_characters(std::string_view utf8) noexcept;
/// The first `count` code points.
std::string_view first_characters(std::string_view utf8, std::size_t count) noexcept;

/// "2s", "10m", "24h", "7d", "500ms"; a bare number is seconds. Nothing where it is none or overflows.
std::optional<Duration> parse_duration(std::string_view text);
std::string format_duration(Duration d);  ///< the shortest spelling that parse_duration reads back
/// "1024", "64KiB", "100MB", "2GiB" -> bytes.
std::optional<std::uint64_t> parse_bytes(std::string_view text);
std::string format_bytes(std::uint64_t bytes);  ///< for people: "3.2 MB"

/// The candidate nearest to `word` by edit distance, if any is near enough to be a likely typing slip.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates);

/// `text` broken at spaces into lines of at most `width` bytes (a longer word stands alone), each beginning
/// with `prefix`. No line end after the last.
std::string wrap(std::string_view text, std::size_t width, std::string_view prefix = {});

/// Does `text` begin with http:// or https://, in whatever case?
bool is_web_url(std::string_view text);

/// `url` (or its path and query alone) with what opens something hidden: query values
/// ("...?X-Amz-Signature=***"), user:password@, the fragment, and what follows a folder "/l/" (links that are
/// signed when they are followed). Fit for a log.
std::string mask_url(std::string_view url);
/// `text` of somebody else, fit for a log or an answer: on one line, all links in it masked, and the values
/// of a signature's parameters also where the rest of their link is missing.
std::string mask_links(std::string_view text);

}  // namespace fadeout
