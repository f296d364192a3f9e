#pragma once
#include <cstdint>
#include <optional>

#include "base/byte_stream.h"

namespace fadeout::audio::libav {

/// The number of samples per channel that a WAV header promises; libavformat forgets it where the file is
/// shorter. `head`: the first bytes of the file. Nothing where it is no WAV, not PCM, or written by a program
/// that did not know the length (0, 0xFFFFFFFF, 0x7FFFF000). RIFF and RF64: EBU Tech 3306.
std::optional<std::uint64_t> wav_promised_frames(Bytes head) noexcept;

}  // namespace fadeout::audio::libav
