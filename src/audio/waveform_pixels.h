#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace fadeout::audio {

/// Minima and maxima of blocks of the mono mix, as BBC audiowaveform computes them.
class PixelExtremes {
  public:
    PixelExtremes(int samples_per_pixel, int bits);

    /// The next samples of all channels. Error(too_large) beyond 4,000,000 pixels.
    void add(std::span<const float* const> channels, std::size_t frames);

    /// min, max, ... of each pixel, the last one of what is left. Ends the use of this object.
    std::vector<std::int16_t> finish();

  private:
    void add_mixed(std::span<const std::int32_t> samples);
    void end_pixel();

    std::size_t samples_per_pixel_;
    int divisor_;
    std::size_t in_pixel_ = 0;  ///< samples of the pixel that is being filled
    std::int32_t minimum_;
    std::int32_t maximum_;
    std::vector<std::int16_t> min_max_;
};

}  // namespace fadeout::audio
