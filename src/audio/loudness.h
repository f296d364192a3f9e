#pragma once
#include <ebur128.h>

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace fadeout::audio {

/// Loudness of a whole programme: EBU R 128, ITU-R BS.1770-4.
struct Loudness {
    double integrated_lufs = 0;  ///< minus infinity for silence
    double true_peak = 0;        ///< linear, full scale 1, the highest of all channels
};

/// Measures block by block; memory grows only by what gating needs (a histogram, of constant size).
class LoudnessMeter {
  public:
    LoudnessMeter(int sample_rate_hz, int channels);
    /// Planar samples, full scale 1.
    void add(std::span<const float* const> channels, std::size_t frames);
    Loudness result() const;

  private:
    struct Deleter {
        void operator()(ebur128_state* state) const noexcept;
    };
    std::unique_ptr<ebur128_state, Deleter> state_;
    std::vector<float> interleaved_;
};

/// The one linear factor that brings `measured` to `target_lufs`, lowered where the true peak would pass -1
/// dBTP. 1 for silence.
double loudness_gain(const Loudness& measured, double target_lufs) noexcept;

}  // namespace fadeout::audio
