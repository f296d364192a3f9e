#pragma once
#include <string>
#include <string_view>

namespace fadeout::audio {

enum class WatermarkType { periodic_tone, white_noise, pink_noise };

/// Bursts added to the audio: they begin at 0 and then every `interval_s`. Between bursts every sample stays as it
/// was, bit for bit.
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

}  // namespace fadeout::audio
