#include "audio/libav/wav_promise.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace fadeout::audio::libav {
namespace {

constexpr std::uint64_t size_in_ds64 = 0xFFFFFFFF;

std::uint64_t little_endian(Bytes bytes, std::size_t at, std::size_t size) noexcept {
    std::uint64_t value = 0;
    for (std::size_t i = size; i-- > 0;) value = value << 8 | std::to_integer<std::uint64_t>(bytes[at + i]);
    return value;
}

bool has(Bytes bytes, std::size_t at, std::string_view text) noexcept {
    return std::ranges::equal(bytes.subspan(at, text.size()), as_bytes(text));
}

struct Block {
    std::uint64_t bytes = 0;
    std::uint64_t frames = 0;
};

/// What one block of the `fmt ` chunk's body holds: one sample of each channel in PCM, float, A-law, mu-law
/// and the extensible forms of them; as many as the header says in Microsoft's and IMA's ADPCM; nothing is
/// known of others.
Block block_of(Bytes format) noexcept {
    const std::uint64_t tag = little_endian(format, 0, 2);
    const std::uint64_t bytes = little_endian(format, 12, 2);
    constexpr std::array<std::uint64_t, 5> sample_formats = {1, 3, 6, 7, 0xFFFE};
    if (std::ranges::find(sample_formats, tag) != sample_formats.end()) return {bytes, 1};
    if ((tag == 2 || tag == 0x11) && format.size() >= 20) return {bytes, little_endian(format, 18, 2)};
    return {};
}

/// Programs that stream write such sizes.
bool is_placeholder(std::uint64_t size) noexcept {
    return size == 0 || (size >= 0x7FFFF000 && size <= 0x7FFFFFFF) ||
           (size >= 0xFFFFF000 && size <= 0xFFFFFFFF);
}

}  // namespace

std::optional<std::uint64_t> wav_promised_frames(Bytes head) noexcept {
    if (head.size() < 12 || !has(head, 8, "WAVE") || !(has(head, 0, "RIFF") || has(head, 0, "RF64")))
        return std::nullopt;
    Block block;
    std::uint64_t long_size = 0;
    for (std::uint64_t at = 12; at + 8 <= head.size();) {
        const std::uint64_t size = little_endian(head, at + 4, 4);
        const std::uint64_t body = at + 8;
        if (has(head, at, "data")) {
            const std::uint64_t bytes = size == size_in_ds64 && long_size > 0 ? long_size : size;
            if (block.bytes == 0 || block.frames == 0 || is_placeholder(bytes)) return std::nullopt;
            return bytes / block.bytes * block.frames;
        }
        if (has(head, at, "fmt ") && size >= 16 && body + size <= head.size())
            block = block_of(head.subspan(body, size));
        if (has(head, at, "ds64") && body + 16 <= head.size()) long_size = little_endian(head, body + 8, 8);
        at = body + size + size % 2;
    }
    return std::nullopt;
}

}  // namespace fadeout::audio::libav
