#pragma once
extern "C" {
#include <libavformat/avformat.h>
}

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace fadeout::audio::libav {

/// The descriptive tags of file and stream, in libav's generic names; technical ones are left out. Bounded in
/// number and length.
std::vector<std::pair<std::string, std::string>> read_tags(const AVFormatContext& format,
                                                           const AVStream& stream);

/// "image/jpeg" and so on; empty for what no player shows.
std::string picture_mime_type(AVCodecID codec);
/// The other way; AV_CODEC_ID_NONE for unknown ones.
AVCodecID picture_codec(const std::string& mime_type);

/// Process-wide: no single allocation of libav may exceed this.
void limit_allocations(std::uint64_t bytes) noexcept;

}  // namespace fadeout::audio::libav
