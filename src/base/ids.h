#pragma once
#include <span>
#include <string>
#include <string_view>

namespace fadeout {

/// A random UUID, version 4, from the system's generator, lower case with dashes (RFC 9562).
std::string make_uuid();
bool is_uuid(std::string_view text);

/// Fills `out` from the system's cryptographic generator (getrandom).
void random_bytes(std::span<unsigned char> out);

}  // namespace fadeout
