#pragma once
extern "C" {
#include <libavformat/avformat.h>
}

#include <cstdint>
#include <memory>

#include "audio/libav/frame.h"
#include "audio/libav/io.h"

namespace fadeout::audio::libav {

/// Names of the decoders that may be opened: audio only, so that cover art never reaches a picture decoder.
extern const char* const allowed_decoders;

struct FormatInputDeleter {
    void operator()(AVFormatContext* format) const noexcept { avformat_close_input(&format); }
};

/// Reads the packets of the one audio stream of a source. Untrusted: protocols are off, other files cannot be
/// opened, and only the containers and decoders on a list are touched.
class Demuxer {
  public:
    /// Errors: unprocessable where it is no audio; too_large beyond `max_bytes`; whatever the source throws.
    Demuxer(ByteSource& source, std::uint64_t max_bytes);

    AVFormatContext& format() noexcept { return *format_; }
    const AVStream& audio() const noexcept { return *format_->streams[audio_]; }
    /// The picture that comes with the audio, or null.
    const AVStream* cover() const noexcept;

    enum class Next { packet, end, damaged_end };
    /// The audio stream's next packet.
    Next read(AVPacket& packet);

  private:
    void open();
    [[noreturn]] void refuse(int code) const;

    SourceIo io_;
    std::unique_ptr<AVFormatContext, FormatInputDeleter> format_;
    int audio_ = -1;
};

}  // namespace fadeout::audio::libav
