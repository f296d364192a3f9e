#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "audio/render.h"
#include "base/error.h"
#include "base/text.h"

namespace fadeout::audio {
namespace {

struct Name {
    std::string_view text;
    Format format;
};
constexpr std::array<Name, 8> names = {{{"mp3", Format::mp3},
                                        {"m4a", Format::m4a},
                                        {"aac", Format::m4a},
                                        {"mp4", Format::m4a},
                                        {"opus", Format::opus},
                                        {"ogg", Format::opus},
                                        {"flac", Format::flac},
                                        {"wav", Format::wav}}};

[[noreturn]] void refuse_bitrate(std::string_view text) {
    throw Error(ErrorKind::invalid,
                "The bit rate \"" + std::string(first_characters(is_utf8(text) ? text : "?", 32)) +
                    "\" is not understood. Write it like 192k or 192000; 6k to 512k are accepted.");
}

}  // namespace

std::optional<Format> parse_format(std::string_view text) noexcept {
    const auto same = [&](const Name& name) {
        return std::ranges::equal(name.text, text,
                                  [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); });
    };
    const auto* found = std::ranges::find_if(names, same);
    return found == names.end() ? std::nullopt : std::optional(found->format);
}

std::string_view name(Format format) noexcept {
    return std::ranges::find(names, format, &Name::format)->text;
}

std::string_view content_type(Format format) noexcept {
    switch (format) {
        case Format::mp3:
            return "audio/mpeg";
        case Format::m4a:
            return "audio/mp4";
        case Format::opus:
            return "audio/ogg";
        case Format::flac:
            return "audio/flac";
        case Format::wav:
            return "audio/wav";
    }
    return "application/octet-stream";
}

std::string_view accepted_formats() noexcept {
    return "mp3, m4a, aac, ogg, opus, flac, wav";
}

int parse_bitrate(std::string_view text) {
    constexpr int lowest_bps = 6'000;
    constexpr int highest_bps = 512'000;
    const std::string lower = to_lower(trim(text));
    int value = 0;
    const auto [end, error] = std::from_chars(lower.data(), lower.data() + lower.size(), value);
    if (error != std::errc() || value <= 0 || value > highest_bps) refuse_bitrate(text);
    const std::string_view unit = trim(std::string_view(end, lower.data() + lower.size()));
    if (unit == "k" || unit == "kbps" || unit == "kbit/s") {
        if (value > highest_bps / 1000) refuse_bitrate(text);
        value *= 1000;
    } else if (!unit.empty() && unit != "bps") {
        refuse_bitrate(text);
    }
    if (value < lowest_bps) refuse_bitrate(text);
    return value;
}

}  // namespace fadeout::audio
