#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace fadeout {

/// RFC 4648 section 4: the usual alphabet, padded.
std::string base64_encode(std::string_view bytes);
/// Nothing where `text` is not exactly what base64_encode() would make of some bytes.
std::optional<std::string> base64_decode(std::string_view text);

/// RFC 4648 section 5: fit for URLs and file names, without padding.
std::string base64url_encode(std::string_view bytes);
/// Nothing where `text` is not exactly what base64url_encode() would make of some bytes.
std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace fadeout
