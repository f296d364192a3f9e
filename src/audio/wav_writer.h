#pragma once
#include <cstdint>
#include <span>

#include "base/byte_stream.h"

namespace fadeout::audio {

/// Writes 16-bit PCM as a WAV file (RIFF, format tag 1) whose header tells the true sizes: it is patched by
/// finish(). Source: Microsoft/IBM, Multimedia Programming Interface and Data Specifications 1.0.
class WavWriter {
  public:
    /// Writes the 44-byte header. `sink` must outlive the writer.
    WavWriter(ByteSink& sink, int sample_rate_hz, int channels);
    /// Interleaved samples. Error(too_large) beyond 4 GiB, which WAV cannot tell.
    void write(std::span<const std::int16_t> samples);
    void finish();
    double duration_s() const noexcept;

  private:
    ByteSink& sink_;
    int sample_rate_hz_;
    int channels_;
    std::uint64_t samples_ = 0;
};

}  // namespace fadeout::audio
