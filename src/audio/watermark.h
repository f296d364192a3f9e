#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace fadeout::audio {

enum class WatermarkType { periodic_tone, white_noise, pink_noise };

/// Bursts added to the audio: they begin at 0 and then every `interval_s`. Between bursts every sample stays
/// as it was, bit for bit.
struct Watermark {
    WatermarkType type = WatermarkType::periodic_tone;
    double frequency_hz = 1000;  ///< of the sine; the noises ignore it
    double volume = 0.1;         ///< peak, linear, above 0 to 1 of full scale
    double duration_s = 0.5;     ///< of one burst
    double interval_s = 30;      ///< from the start of one burst to the start of the next

    bool operator==(const Watermark&) const = default;
};

/// Error(invalid) for an unknown name, naming the known ones.
WatermarkType parse_watermark_type(std::string_view text);
std::string_view name(WatermarkType type) noexcept;

/// Error(invalid) naming the member for anything not finite, not positive, or beyond its range
/// (volume <= 1, duration <= interval, frequency < 24 kHz).
void check(const Watermark& watermark);

/// Makes the bursts. Each sample of a burst depends on its absolute position only, so that audio cut into
/// blocks in any way, or rendered again, gets the same mark. The noises differ from burst to burst.
///
/// Burst k covers the frames from round(k * interval) for round(duration) frames, at least one. Its edges
/// rise and fall over 5 ms (less in a burst under 20 ms) so that they do not click.
class BurstGenerator {
  public:
    /// Error(invalid) where check() says so, or where a sine is not below half of the sample rate: it could
    /// not be heard, or would come out at another frequency.
    BurstGenerator(const Watermark& watermark, int sample_rate_hz);

    /// Adds the bursts to planar samples, full scale 1, of which the first is at `first_frame` of the whole.
    /// All channels get the same. The sum may exceed full scale; it is not clipped here.
    void mix(std::span<float* const> channels, std::size_t frames, std::uint64_t first_frame) const noexcept;

  private:
    std::uint64_t burst_start(std::uint64_t burst) const noexcept;
    void fill(std::uint64_t burst, std::uint64_t offset, std::span<float> out) const noexcept;
    void fill_sine(std::uint64_t offset, std::span<float> out) const noexcept;

    WatermarkType type_;
    double cycles_per_frame_;
    double volume_;
    double interval_frames_;
    std::uint64_t burst_frames_;
    std::uint64_t ramp_frames_;
};

}  // namespace fadeout::audio
