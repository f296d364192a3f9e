#include <charconv>

#include "audio/waveform.h"

namespace fadeout::audio {
namespace {

void append_number(std::string& text, long long number) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    text.append(digits, end);
}

void append_member(std::string& json, std::string_view name, long long number) {
    json.append(",\"").append(name).append("\":");
    append_number(json, number);
}

void append_little_endian(std::string& data, std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) data += static_cast<char>(value >> (8 * i) & 0xFF);
}

}  // namespace

std::string to_json(const Audiowaveform& data) {
    std::string json;
    json.reserve(128 + data.min_max.size() * 7);
    json = "{\"version\":2,\"channels\":1";
    append_member(json, "sample_rate", data.sample_rate_hz);
    append_member(json, "samples_per_pixel", data.samples_per_pixel);
    append_member(json, "bits", data.bits);
    append_member(json, "length", static_cast<long long>(data.min_max.size() / 2));
    json += ",\"data\":[";
    for (std::size_t i = 0; i < data.min_max.size(); ++i) {
        if (i > 0) json += ',';
        append_number(json, data.min_max[i]);
    }
    json += "]}";
    return json;
}

std::string to_dat(const Audiowaveform& data) {
    constexpr std::uint32_t kVersion = 1, kEightBits = 1;
    std::string dat;
    dat.reserve(20 + data.min_max.size() * 2);
    append_little_endian(dat, kVersion, 4);
    append_little_endian(dat, data.bits == 8 ? kEightBits : 0, 4);
    append_little_endian(dat, static_cast<std::uint32_t>(data.sample_rate_hz), 4);
    append_little_endian(dat, static_cast<std::uint32_t>(data.samples_per_pixel), 4);
    append_little_endian(dat, static_cast<std::uint32_t>(data.min_max.size() / 2), 4);
    for (const std::int16_t value : data.min_max)
        append_little_endian(dat, static_cast<std::uint32_t>(value), data.bits / 8);
    return dat;
}

}  // namespace fadeout::audio
