#include "audio/libav/ogg_pages.h"

extern "C" {
#include <libavutil/crc.h>
}

#include <algorithm>
#include <array>
#include <string_view>

namespace fadeout::audio::libav {
namespace {

constexpr std::size_t header_bytes = 27;
constexpr std::size_t flags_at = 5;
constexpr std::size_t crc_at = 22;
constexpr unsigned last_page_flag = 4;
constexpr std::string_view capture_pattern = "OggS";

unsigned byte_at(Bytes bytes, std::size_t at) noexcept {
    return std::to_integer<unsigned>(bytes[at]);
}

std::uint32_t crc_of(std::uint32_t crc, Bytes bytes) noexcept {
    const AVCRC* table = av_crc_get_table(AV_CRC_32_IEEE);
    return av_crc(table, crc, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

/// The sum is over the whole page with the sum itself as zeros. av_crc keeps its state byte-swapped.
bool is_sound(Bytes page) noexcept {
    constexpr std::array<std::byte, 4> zeros{};
    std::uint32_t crc = crc_of(0, page.first(crc_at));
    crc = crc_of(crc, zeros);
    crc = crc_of(crc, page.subspan(crc_at + 4));
    const std::uint32_t told = byte_at(page, crc_at) << 24 | byte_at(page, crc_at + 1) << 16 |
                               byte_at(page, crc_at + 2) << 8 | byte_at(page, crc_at + 3);
    return crc == told;
}

/// Bytes of the page that begins here; 0 where its header is not complete yet.
std::size_t page_bytes(Bytes bytes) noexcept {
    if (bytes.size() < header_bytes) return 0;
    const std::size_t segments = byte_at(bytes, header_bytes - 1);
    std::size_t size = header_bytes + segments;
    if (bytes.size() < size) return 0;
    for (std::size_t i = 0; i < segments; ++i) size += byte_at(bytes, header_bytes + i);
    return size;
}

}  // namespace

void OggPages::feed(Bytes bytes) {
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    while (take_page()) {
    }
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(start_));
    start_ = 0;
}

bool OggPages::take_page() {
    skip_junk();
    const std::size_t size = page_bytes(rest());
    if (size == 0 || rest().size() < size) return false;
    const Bytes page = rest().first(size);
    if (is_sound(page)) {
        damaged_ = damaged_ || junk_;
        ended_ = byte_at(page, flags_at) & last_page_flag;
        start_ += size;
    } else {
        damaged_ = true;
        start_ += capture_pattern.size();
    }
    return true;
}

/// On to the next capture pattern, or to what may be the beginning of one.
void OggPages::skip_junk() {
    const Bytes pattern = as_bytes(capture_pattern);
    const Bytes left = rest();
    const auto found = std::search(left.begin(), left.end(), pattern.begin(), pattern.end());
    auto skipped = static_cast<std::size_t>(found - left.begin());
    if (found == left.end()) skipped = left.size() - std::min(left.size(), capture_pattern.size() - 1);
    const Bytes start = left.subspan(skipped);
    if (found == left.end() && std::equal(start.begin(), start.end(), pattern.begin())) return;
    junk_ = junk_ || skipped > 0;
    start_ += skipped;
}

bool OggPages::whole() const noexcept {
    const Bytes left = rest();
    const bool cut =
        left.size() >= capture_pattern.size();  // skip_junk() leaves more only where a page begins
    return !damaged_ && !cut && (ended_ || (!junk_ && left.empty()));
}

}  // namespace fadeout::audio::libav
