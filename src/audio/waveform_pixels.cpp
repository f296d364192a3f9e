#include "audio/waveform_pixels.h"

#include <algorithm>
#include <array>

#include "base/error.h"

namespace fadeout::audio {
namespace {

constexpr std::size_t kMaxPixels = 4'000'000;
constexpr std::size_t kChunkFrames = 1024;
using Chunk = std::array<std::int32_t, kChunkFrames>;

/// Rounded to 16 bits. Written so that it is vectorised, and that what is no number becomes one.
std::int32_t to_16_bits(float sample) noexcept {
    const float scaled = std::min(32767.0F, std::max(-32768.0F, sample * 32768.0F));
    return static_cast<std::int32_t>(scaled + (scaled < 0 ? -0.5F : 0.5F));
}

/// The mean of the channels, of whole 16-bit samples and towards zero.
std::span<const std::int32_t> mix(std::span<const float* const> channels, std::size_t at, std::size_t frames,
                                  Chunk& sum) {
    std::fill_n(sum.begin(), frames, 0);
    for (const float* channel : channels)
        for (std::size_t i = 0; i < frames; ++i) sum[i] += to_16_bits(channel[at + i]);
    if (channels.size() > 1) {
        const auto divisor = static_cast<std::int32_t>(channels.size());
        for (std::size_t i = 0; i < frames; ++i) sum[i] /= divisor;
    }
    return std::span(sum).first(frames);
}

}  // namespace

PixelExtremes::PixelExtremes(int samples_per_pixel, int bits)
    : samples_per_pixel_(static_cast<std::size_t>(samples_per_pixel)),
      divisor_(bits == 8 ? 256 : 1),
      minimum_(INT16_MAX),
      maximum_(INT16_MIN) {}

void PixelExtremes::add(std::span<const float* const> channels, std::size_t frames) {
    Chunk sum;
    for (std::size_t at = 0; at < frames; at += kChunkFrames)
        add_mixed(mix(channels, at, std::min(kChunkFrames, frames - at), sum));
}

void PixelExtremes::add_mixed(std::span<const std::int32_t> samples) {
    while (!samples.empty()) {
        const auto part = samples.first(std::min(samples.size(), samples_per_pixel_ - in_pixel_));
        for (const std::int32_t sample : part) {
            minimum_ = std::min(minimum_, sample);
            maximum_ = std::max(maximum_, sample);
        }
        in_pixel_ += part.size();
        if (in_pixel_ == samples_per_pixel_) end_pixel();
        samples = samples.subspan(part.size());
    }
}

void PixelExtremes::end_pixel() {
    if (min_max_.size() == 2 * kMaxPixels)
        throw Error(ErrorKind::too_large,
                    "This waveform would have over 4000000 points; raise samples_per_pixel.");
    min_max_.push_back(static_cast<std::int16_t>(minimum_ / divisor_));
    min_max_.push_back(static_cast<std::int16_t>(maximum_ / divisor_));
    in_pixel_ = 0;
    minimum_ = INT16_MAX;
    maximum_ = INT16_MIN;
}

std::vector<std::int16_t> PixelExtremes::finish() {
    if (in_pixel_ > 0) end_pixel();
    return std::move(min_max_);
}

}  // namespace fadeout::audio
