#pragma once
extern "C" {
#include <libavformat/avformat.h>
}

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "audio/libav/encoder.h"
#include "audio/libav/io.h"

namespace fadeout::audio::libav {

struct FormatOutputDeleter {
    void operator()(AVFormatContext* format) const noexcept { avformat_free_context(format); }
};

using TagList = std::vector<std::pair<std::string, std::string>>;

struct MuxerSettings {
    std::string muxer;                                         ///< libav's name of it
    std::vector<std::pair<std::string, std::string>> options;  ///< libav's private options
    TagList tags;
    std::string cover_mime_type;  ///< empty: no picture
    Bytes cover;                  ///< must live until the constructor returns
};

/// A libavformat muxer on a ByteSink. Headers are completed by patching; where the sink does not allow that,
/// what is known only at the end is missing from them.
class Muxer final : public PacketWriter {
  public:
    Muxer(ByteSink& sink, const MuxerSettings& settings, const AVCodecContext& encoder);

    void write(AVPacket& packet) override;
    void finish() override;

  private:
    void add_cover(const MuxerSettings& settings);
    void write_cover(Bytes cover);
    void check(int code);

    SinkIo io_;
    std::unique_ptr<AVFormatContext, FormatOutputDeleter> format_;
    AVRational encoder_time_base_;
};

}  // namespace fadeout::audio::libav
