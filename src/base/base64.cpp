#include "base/base64.h"

#include <array>
#include <cstdint>

namespace fadeout {

namespace {

constexpr std::string_view usual = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view for_urls = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t no_digit = 64;
using Digits = std::array<std::uint8_t, 256>;  ///< what each character stands for

constexpr Digits make_digits(std::string_view alphabet) {
    Digits digits{};
    digits.fill(no_digit);
    for (std::uint8_t i = 0; i < 64; ++i) digits[static_cast<unsigned char>(alphabet[i])] = i;
    return digits;
}
constexpr Digits usual_digits = make_digits(usual), digits_for_urls = make_digits(for_urls);

/// Without padding.
std::string encode(std::string_view bytes, std::string_view alphabet) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::string_view group = bytes.substr(at, 3);
        std::uint32_t bits = 0;
        for (std::size_t i = 0; i < 3; ++i)
            bits = bits << 8 | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0U);
        for (std::size_t i = 0; i <= group.size(); ++i) text += alphabet[bits >> (18 - 6 * i) & 63];
    }
    return text;
}

/// Nothing for a character of no digit, and for digits or bits that no whole byte needs.
std::optional<std::string> decode(std::string_view text, const Digits& digits) {
    std::string bytes;
    bytes.reserve(text.size() * 3 / 4);
    std::uint32_t bits = 0;
    int held = 0;
    for (const char c : text) {
        const std::uint8_t digit = digits[static_cast<unsigned char>(c)];
        if (digit == no_digit) return std::nullopt;
        bits = bits << 6 | digit;
        held += 6;
        if (held < 8) continue;
        held -= 8;
        bytes += static_cast<char>(bits >> held & 0xff);
        bits &= (1U << held) - 1;
    }
    if (held == 6 || bits != 0) return std::nullopt;
    return bytes;
}

}  // namespace

std::string base64_encode(std::string_view bytes) {
    std::string text = encode(bytes, usual);
    while (text.size() % 4 != 0) text += '=';
    return text;
}

std::optional<std::string> base64_decode(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    return decode(text.substr(0, text.size() - padding), usual_digits);
}

std::string base64url_encode(std::string_view bytes) {
    return encode(bytes, for_urls);
}

std::optional<std::string> base64url_decode(std::string_view text) {
    return decode(text, digits_for_urls);
}

}  // namespace fadeout
