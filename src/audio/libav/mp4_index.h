#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "audio/libav/mp4_boxes.h"
#include "audio/libav/muxer.h"

namespace fadeout::audio::libav {

/// Everything that the moov box of an M4A file with one AAC track tells.
struct Mp4Index {
    int sample_rate_hz = 0;
    int channels = 0;
    std::uint32_t packet_frames = 1024;   ///< samples per channel in each packet
    std::uint32_t priming_frames = 0;     ///< encoder delay, which the edit list cuts off
    std::uint64_t frames = 0;             ///< true samples per channel, without delay and padding
    std::vector<std::byte> codec_config;  ///< AudioSpecificConfig, ISO/IEC 14496-3
    std::vector<std::uint32_t> packet_bytes;
    std::uint64_t data_offset = 0;  ///< of the first packet in the file
    TagList tags;
    std::string cover_mime_type;
    std::vector<std::byte> cover;
};

/// The moov box: ISO/IEC 14496-12 and -14; tags as iTunes writes them. The movie's time scale is the sample
/// rate, so that the edit list is exact to the sample.
Mp4Boxes moov(const Mp4Index& index);

/// Bytes that `packets` entries add to an empty index.
std::uint64_t mp4_table_bytes(std::uint64_t packets) noexcept;

}  // namespace fadeout::audio::libav
