#pragma once
#include <cstdint>
#include <vector>

#include "audio/libav/mp4_index.h"
#include "audio/libav/muxer.h"

namespace fadeout::audio::libav {

/// Writes AAC packets as M4A with the index (moov) in front. libavformat's own muxer tells the length in
/// milliseconds only, keeps 70 bytes per packet, and fails where the index outgrows its place. This one is
/// exact to the sample, keeps 4 bytes per packet, and puts an index that does not fit behind the audio, which
/// players read as well.
class M4aMuxer final : public PacketWriter {
  public:
    /// `expected_frames` decides how much room is kept in front; 0 where nobody knows: then the index goes
    /// behind. Error(invalid) where the sink cannot patch even the sizes.
    M4aMuxer(ByteSink& sink, const MuxerSettings& settings, const AVCodecContext& encoder,
             std::uint64_t expected_frames);

    void write(AVPacket& packet) override;
    void finish() override;

  private:
    void write_front(std::uint64_t expected_frames);
    void flush();

    ByteSink& sink_;
    Mp4Index index_;
    std::uint64_t reserved_bytes_ = 0;
    std::uint64_t data_bytes_ = 0;
    std::vector<std::byte> buffer_;
};

}  // namespace fadeout::audio::libav
