#include "audio/libav/inspected_source.h"

#include <algorithm>

namespace fadeout::audio::libav {
namespace {

constexpr std::size_t head_bytes = 64 << 10;

}  // namespace

std::size_t InspectedSource::read_at(std::uint64_t offset, std::span<std::byte> out) {
    const std::size_t got = source_.read_at(offset, out);
    if (offset > seen_ || offset + got <= seen_) return got;
    const Bytes fresh = Bytes(out).first(got).subspan(static_cast<std::size_t>(seen_ - offset));
    seen_ = offset + got;
    const std::size_t before = head_.size();
    const bool known = is_ogg();
    if (head_.size() < head_bytes) {
        const Bytes kept = fresh.first(std::min(fresh.size(), head_bytes - head_.size()));
        head_.insert(head_.end(), kept.begin(), kept.end());
    }
    if (is_ogg()) {
        if (!known) pages_.feed(Bytes(head_).first(before));  // it came in bits too small to tell
        pages_.feed(fresh);
    }
    return got;
}

bool InspectedSource::is_ogg() const noexcept {
    constexpr std::string_view pattern = "OggS";
    return head_.size() >= pattern.size() &&
           std::ranges::equal(Bytes(head_).first(pattern.size()), as_bytes(pattern));
}

}  // namespace fadeout::audio::libav
