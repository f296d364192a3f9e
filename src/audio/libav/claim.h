#pragma once
#include <cstdint>
#include <optional>

#include "audio/libav/demuxer.h"
#include "base/byte_stream.h"

namespace fadeout::audio::libav {

/// What a file promises about its own length, and how exactly.
struct Claim {
    double duration_s = 0;                ///< promised or, failing that, estimated
    std::optional<std::uint64_t> frames;  ///< samples per channel; nothing where there is only an estimate
    std::uint64_t tolerance_frames = 0;
    std::optional<std::uint64_t> exact_end;  ///< where encoder padding begins, told by iTunes' own tag
    bool padding_in_last_packet = false;     ///< MP4: the last packet's duration tells how much of it counts
};

/// `head`: the first bytes of the file. Estimates from the bit rate (an MP3 without a Xing frame, ADTS) are
/// no promise.
Claim read_claim(Demuxer& demuxer, Bytes head, int sample_rate_hz);

/// Error(unprocessable) where only `frames` came out although clearly more was promised.
void check_complete(const Claim& claim, std::uint64_t frames, int sample_rate_hz);

}  // namespace fadeout::audio::libav
