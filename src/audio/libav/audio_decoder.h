#pragma once
extern "C" {
#include <libavcodec/avcodec.h>
}

#include <cstdint>
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
    /// Damage that the decoder noticed and decoded over.
    std::uint64_t logged_errors() const noexcept { return *logged_errors_; }

  private:
    std::unique_ptr<std::uint64_t> logged_errors_ = std::make_unique<std::uint64_t>(0);
    CodecContext codec_;
};

}  // namespace fadeout::audio::libav
