#pragma once
#include <cstdint>
#include <vector>

#include "audio/libav/ogg_pages.h"
#include "base/byte_stream.h"

namespace fadeout::audio::libav {

/// Looks at bytes on their way to a demuxer, for what it does not tell.
class InspectedSource final : public ByteSource {
  public:
    explicit InspectedSource(ByteSource& source) : source_(source) {}

    std::optional<std::uint64_t> size() const override { return source_.size(); }
    bool seekable() const override { return source_.seekable(); }
    std::size_t read_at(std::uint64_t offset, std::span<std::byte> out) override;

    /// The beginning of the file, as far as it has been read, at most 64 KiB.
    Bytes head() const noexcept { return head_; }
    /// After everything has been read: is it no Ogg file, or one whose pages are all there?
    bool ogg_pages_whole() const noexcept { return !is_ogg() || pages_.whole(); }

  private:
    bool is_ogg() const noexcept;

    ByteSource& source_;
    std::uint64_t seen_ = 0;  ///< everything before this has been looked at, once
    std::vector<std::byte> head_;
    OggPages pages_;
};

}  // namespace fadeout::audio::libav
