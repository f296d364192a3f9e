#include "audio/libav/picture_size.h"

#include <cstdint>

namespace fadeout::audio::libav {
namespace {

int big_endian(Bytes bytes, std::size_t at, int count) noexcept {
    std::uint32_t value = 0;
    for (int i = 0; i < count; ++i)
        value = value << 8 | std::to_integer<std::uint32_t>(bytes[at + static_cast<std::size_t>(i)]);
    return value > INT32_MAX ? 0 : static_cast<int>(value);
}

/// SOF0 to SOF15 hold the size, but not DHT, JPG and DAC, which lie among them.
bool is_frame_header(int marker) noexcept {
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

PictureSize jpeg_size(Bytes picture) noexcept {
    std::size_t at = 2;
    while (at + 9 <= picture.size()) {
        if (big_endian(picture, at, 1) != 0xFF) return {};
        if (is_frame_header(big_endian(picture, at + 1, 1))) {
            return {big_endian(picture, at + 7, 2), big_endian(picture, at + 5, 2)};
        }
        at += 2 + static_cast<std::size_t>(big_endian(picture, at + 2, 2));
    }
    return {};
}

}  // namespace

PictureSize picture_size(Bytes picture) noexcept {
    if (picture.size() >= 24 && big_endian(picture, 0, 4) == 0 && big_endian(picture, 12, 4) == 0x49484452) {
        return {big_endian(picture, 16, 4), big_endian(picture, 20, 4)};
    }
    if (picture.size() >= 4 && big_endian(picture, 0, 2) == 0xFFD8) return jpeg_size(picture);
    return {};
}

}  // namespace fadeout::audio::libav
