#pragma once
#include <memory>
#include <string>
#include <vector>

#include "audio/decoder.h"
#include "audio/libav/encoder.h"
#include "audio/render_spec.h"
#include "base/byte_stream.h"

namespace fadeout::audio {

/// The encoder for `spec`: the place to choose one that uses several cores.
std::unique_ptr<libav::Encoder> make_encoder(const OutputSpec& spec);

/// The container for `spec`, with the source's tags and picture where it holds them. `expected_frames`: about
/// how many samples per channel will come, 0 where nobody knows. What had to be left out becomes a warning.
std::unique_ptr<libav::PacketWriter> make_muxer(ByteSink& sink, const OutputSpec& spec, const Decoder& source,
                                                const libav::Encoder& encoder, std::uint64_t expected_frames,
                                                std::vector<std::string>& warnings);

/// libav's name of the codec inside: "mp3", "aac", "pcm_s16le", ...
std::string codec_name(const OutputSpec& spec);

}  // namespace fadeout::audio
