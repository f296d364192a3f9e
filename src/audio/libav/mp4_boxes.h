#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/byte_stream.h"

namespace fadeout::audio::libav {

/// Writes the nested boxes of ISO/IEC 14496-12 into memory, big endian.
class Mp4Boxes {
  public:
    /// A box of a four-character type, with what `body` writes inside.
    template <class Body>
    void box(std::string_view type, Body&& body) {
        const std::size_t start = data_.size();
        u32(0);
        text(type);
        body();
        patch_u32(start, static_cast<std::uint32_t>(data_.size() - start));
    }

    /// A box with version and flags.
    template <class Body>
    void full_box(std::string_view type, int version, std::uint32_t flags, Body&& body) {
        box(type, [&] {
            u32(static_cast<std::uint32_t>(version) << 24 | flags);
            body();
        });
    }

    /// A descriptor of ISO/IEC 14496-1, 8.3.3, shorter than 128 bytes, its length in the four-byte form.
    template <class Body>
    void descriptor(std::uint8_t tag, Body&& body) {
        u8(tag);
        const std::size_t start = data_.size();
        u32(0);
        body();
        patch_u32(start, 0x80808000u | static_cast<std::uint32_t>(data_.size() - start - 4));
    }

    void u8(std::uint8_t value) { put(value, 1); }
    void u16(std::uint16_t value) { put(value, 2); }
    void u32(std::uint32_t value) { put(value, 4); }
    void u64(std::uint64_t value) { put(value, 8); }
    void zeros(std::size_t count) { data_.resize(data_.size() + count); }
    void bytes(Bytes value) { data_.insert(data_.end(), value.begin(), value.end()); }
    void text(std::string_view value) { bytes(as_bytes(value)); }

    Bytes data() const noexcept { return data_; }

  private:
    void put(std::uint64_t value, int size) {
        for (int shift = 8 * (size - 1); shift >= 0; shift -= 8)
            data_.push_back(static_cast<std::byte>(value >> shift));
    }
    void patch_u32(std::size_t at, std::uint32_t value) {
        for (std::size_t i = 0; i < 4; ++i) data_[at + i] = static_cast<std::byte>(value >> (24 - 8 * i));
    }

    std::vector<std::byte> data_;
};

}  // namespace fadeout::audio::libav
