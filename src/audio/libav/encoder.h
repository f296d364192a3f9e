#pragma once
extern "C" {
#include <libavcodec/avcodec.h>
}

#include <cstdint>
#include <span>
#include <string>

#include "audio/libav/audio_decoder.h"
#include "audio/libav/frame.h"
#include "audio/libav/resampler.h"

namespace fadeout::audio::libav {

/// Takes packets in order: a muxer.
class PacketWriter {
  public:
    virtual ~PacketWriter() = default;
    /// May take the packet's contents.
    virtual void write(AVPacket& packet) = 0;
    /// Completes the file and its header.
    virtual void finish() = 0;
};

/// Samples in, packets out, in order: the seam behind which one encoder or many may work.
class Encoder {
  public:
    virtual ~Encoder() = default;
    /// Planar float, full scale -1 to 1; beyond it is clipped where the codec has integers.
    virtual void encode(std::span<const float* const> channels, std::size_t frames, PacketWriter& out) = 0;
    /// Sends what is left. Does not finish `out`.
    virtual void finish(PacketWriter& out) = 0;
    /// Known before the first packet, so that a muxer can write its header.
    virtual const AVCodecContext& context() const noexcept = 0;
};

struct EncoderSettings {
    std::string encoder;  ///< libav's name of it
    AVSampleFormat format = AV_SAMPLE_FMT_NONE;
    int sample_rate_hz = 0;
    int channels = 0;
    long long bitrate_bps = 0;    ///< 0 where the codec is lossless
    int bits_per_raw_sample = 0;  ///< 24 in 32-bit samples; 0 where the format tells
};

/// One libav encoder on the calling thread. Encoder delay and padding are marked in the packets.
class SerialEncoder final : public Encoder {
  public:
    explicit SerialEncoder(const EncoderSettings& settings);

    void encode(std::span<const float* const> channels, std::size_t frames, PacketWriter& out) override;
    void finish(PacketWriter& out) override;
    const AVCodecContext& context() const noexcept override { return *codec_; }

  private:
    void open(const EncoderSettings& settings);
    int append(std::span<const float* const> channels, std::size_t offset, int count);
    void send(AVFrame* frame, PacketWriter& out);

    CodecContext codec_;
    Frame frame_;
    Packet packet_;
    std::unique_ptr<Resampler> converter_;
    int frame_size_ = 0;
    int filled_ = 0;
    std::int64_t sent_ = 0;
};

}  // namespace fadeout::audio::libav
