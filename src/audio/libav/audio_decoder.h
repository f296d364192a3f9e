#pragma once
extern "C" {
#include <libavcodec/avcodec.h>
}

#include <memory>

namespace fadeout::audio::libav {

struct CodecContextDeleter {
    void operator()(AVCodecContext* codec) const noexcept { avcodec_free_context(&codec); }
};
using CodecContext = std::unique_ptr<AVCodecContext, CodecContextDeleter>;

/// Packets in, frames out. libavcodec trims encoder delay and padding itself.
class AudioDecoder {
  public:
    /// Error(unprocessable) where there is no allowed decoder for it.
    AudioDecoder(const AVCodecParameters& parameters, AVRational time_base);

    /// Null ends the stream. False where the packet is damaged; the next one may be sound.
    bool send(const AVPacket* packet);
    enum class Next { frame, need_packet, end, damaged };
    Next receive(AVFrame& frame);
    const AVCodecContext& context() const noexcept { return *codec_; }

  private:
    CodecContext codec_;
};

}  // namespace fadeout::audio::libav
