#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "audio/render.h"
#include "base/byte_stream.h"

namespace fadeout::audio {

/// Some decoded audio: one pointer per channel to `frames` samples, full scale is -1 to 1. Lives until the
/// next read.
struct AudioBlock {
    std::span<const float* const> channels;
    std::size_t frames = 0;
};

/// A picture that came with the audio, as it was stored.
struct CoverArt {
    std::string mime_type;  ///< "image/jpeg", "image/png", ...
    std::vector<std::byte> data;
};

/// Title, artist, album, ...: libav's generic names, UTF-8.
using Tags = std::vector<std::pair<std::string, std::string>>;

/// Decodes untrusted media, block by block, as planar 32-bit float in the source's own rate and channels.
/// Encoder delay and padding are trimmed. Integer samples up to 24 bits come through exactly; 32-bit ones are
/// rounded to float. Touches nothing but its source. Memory does not depend on the duration. One thread at a
/// time. Errors, of both the constructor and read(): unprocessable (not audio, damaged beyond use, shorter
/// than it claims), too_large (a limit), whatever the source throws.
class Decoder {
  public:
    /// Reads as far as the first block. `source` must outlive the decoder.
    Decoder(ByteSource& source, const Limits& limits);
    ~Decoder();
    Decoder(const Decoder&) = delete;
    Decoder& operator=(const Decoder&) = delete;

    /// The next block; false at the end, after which position() is the true length.
    bool read(AudioBlock& block);

    /// duration_s is what the source claims or, failing that, an estimate; 0 where there is neither. At the
    /// end it is the true length.
    const MediaInfo& info() const noexcept;
    /// Integer samples that hold every sample exactly: 16 or 24.
    int bits_per_sample() const noexcept;
    /// Samples per channel that the source itself promises, exactly or nearly; nothing where it does not.
    std::optional<std::uint64_t> claimed_frames() const noexcept;
    /// Samples per channel delivered so far.
    std::uint64_t position() const noexcept;
    /// Damage that was decoded over; complete after the end.
    const std::vector<std::string>& warnings() const noexcept;
    const Tags& tags() const noexcept;
    /// Null where there is none, or only one beyond 4 MiB (which is a warning).
    const CoverArt* cover() const noexcept;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace fadeout::audio
