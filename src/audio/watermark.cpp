#include "audio/watermark.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "base/error.h"

namespace fadeout::audio {
namespace {

constexpr double kMaxFrequencyHz = 24'000;
constexpr double kRampSeconds = 0.005;
constexpr std::size_t kChunkFrames = 512;
/// Positions beyond this are never reached: six million years at 48 kHz.
constexpr double kNeverFrame = 9e18;

constexpr std::array<WatermarkType, 3> kTypes = {WatermarkType::periodic_tone, WatermarkType::white_noise,
                                                 WatermarkType::pink_noise};

void check_positive(double value, std::string_view member) {
    if (!std::isfinite(value) || value <= 0)
        throw Error(ErrorKind::invalid,
                    "The watermark's " + std::string(member) + " must be a number above 0.");
}

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014): the mixing of SplitMix64.
/// Used as a random function of a position, which needs no state.
std::uint64_t hash(std::uint64_t x) noexcept {
    x += 0x9E3779B97F4A7C15U;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
    return x ^ (x >> 31);
}

/// Uniform in [-2^31, 2^31).
std::int64_t random_at(std::uint64_t seed, std::uint64_t position) noexcept {
    return static_cast<std::int32_t>(hash(seed ^ position) >> 32);
}

constexpr double kRandomScale = 1.0 / 2147483648.0;

void fill_white(std::uint64_t seed, std::uint64_t offset, double volume, std::span<float> out) noexcept {
    for (float& sample : out)
        sample = static_cast<float>(volume * kRandomScale * static_cast<double>(random_at(seed, offset++)));
}

/// Voss and Clarke, "1/f noise in music" (1978): the sum of random values of which row j changes every 2^j
/// samples. The sum is of integers, thus exact and the same wherever a block begins.
void fill_pink(std::uint64_t seed, std::uint64_t offset, double volume, std::span<float> out) noexcept {
    constexpr unsigned kRows = 12;  // 48 kHz / 2^12: down to 12 Hz
    // The peak of the sum is 12, but its standard deviation only 2. Six of it is as loud as can be without
    // being clipped to be heard: 0.3 % of the samples are.
    constexpr double kScale = kRandomScale / 6;
    std::array<std::int64_t, kRows> rows{};
    for (unsigned j = 0; j < kRows; ++j) rows[j] = random_at(hash(seed + j), offset >> j);
    for (float& sample : out) {
        std::int64_t sum = 0;
        for (unsigned j = 0; j < kRows; ++j) {
            if ((offset & ((1U << j) - 1)) == 0) rows[j] = random_at(hash(seed + j), offset >> j);
            sum += rows[j];
        }
        ++offset;
        sample = static_cast<float>(volume * std::clamp(kScale * static_cast<double>(sum), -1.0, 1.0));
    }
}

}  // namespace

WatermarkType parse_watermark_type(std::string_view text) {
    for (WatermarkType type : kTypes)
        if (name(type) == text) return type;
    std::string known;
    for (WatermarkType type : kTypes) known += (known.empty() ? "" : ", ") + std::string(name(type));
    throw Error(ErrorKind::invalid, "Unknown watermark type; use one of: " + known + ".");
}

std::string_view name(WatermarkType type) noexcept {
    switch (type) {
        case WatermarkType::periodic_tone:
            return "periodic_tone";
        case WatermarkType::white_noise:
            return "white_noise";
        case WatermarkType::pink_noise:
            return "pink_noise";
    }
    return "";
}

void check(const Watermark& watermark) {
    check_positive(watermark.frequency_hz, "frequency");
    check_positive(watermark.volume, "volume");
    check_positive(watermark.duration_s, "duration");
    check_positive(watermark.interval_s, "interval");
    if (watermark.frequency_hz >= kMaxFrequencyHz)
        throw Error(ErrorKind::invalid, "The watermark's frequency must be below 24000 Hz.");
    if (watermark.volume > 1)
        throw Error(ErrorKind::invalid, "The watermark's volume must be at most 1, which is full scale.");
    if (watermark.duration_s > watermark.interval_s)
        throw Error(ErrorKind::invalid, "The watermark's duration must be at most its interval.");
}

BurstGenerator::BurstGenerator(const Watermark& watermark, int sample_rate_hz)
    : type_(watermark.type),
      cycles_per_frame_(watermark.frequency_hz / sample_rate_hz),
      volume_(watermark.volume),
      // At least a frame apart, so that the walk over the bursts of a block always moves on.
      interval_frames_(std::max(1.0, watermark.interval_s * sample_rate_hz)) {
    check(watermark);
    if (type_ == WatermarkType::periodic_tone && cycles_per_frame_ >= 0.5)
        throw Error(ErrorKind::invalid,
                    "The watermark's frequency must be below half of the sample rate, here " +
                        std::to_string(sample_rate_hz / 2) + " Hz.");
    const double frames = std::clamp(std::round(watermark.duration_s * sample_rate_hz), 1.0, kNeverFrame);
    burst_frames_ = static_cast<std::uint64_t>(frames);
    ramp_frames_ = std::min(static_cast<std::uint64_t>(kRampSeconds * sample_rate_hz), burst_frames_ / 4);
}

std::uint64_t BurstGenerator::burst_start(std::uint64_t burst) const noexcept {
    const double start = std::round(static_cast<double>(burst) * interval_frames_);
    return static_cast<std::uint64_t>(std::min(start, kNeverFrame));
}

void BurstGenerator::fill_sine(std::uint64_t offset, std::span<float> out) const noexcept {
    for (float& sample : out) {
        const double cycles = std::fmod(static_cast<double>(offset++) * cycles_per_frame_, 1.0);
        sample = static_cast<float>(volume_ * std::sin(2 * std::numbers::pi * cycles));
    }
}

void BurstGenerator::fill(std::uint64_t burst, std::uint64_t offset, std::span<float> out) const noexcept {
    switch (type_) {
        case WatermarkType::periodic_tone:
            fill_sine(offset, out);
            break;
        case WatermarkType::white_noise:
            fill_white(hash(burst), offset, volume_, out);
            break;
        case WatermarkType::pink_noise:
            fill_pink(hash(burst), offset, volume_, out);
            break;
    }
    for (std::size_t i = 0; i < out.size(); ++i) {
        const std::uint64_t position = offset + i;
        const std::uint64_t from_edge = std::min(position, burst_frames_ - 1 - position);
        if (from_edge >= ramp_frames_) continue;
        const double part = (static_cast<double>(from_edge) + 0.5) / static_cast<double>(ramp_frames_);
        out[i] *= static_cast<float>(0.5 - 0.5 * std::cos(std::numbers::pi * part));
    }
}

void BurstGenerator::mix(std::span<float* const> channels, std::size_t frames,
                         std::uint64_t first_frame) const noexcept {
    const std::uint64_t last_frame = first_frame + frames;
    auto burst = static_cast<std::uint64_t>(static_cast<double>(first_frame) / interval_frames_);
    // Rounding may have put the start of the next burst just before first_frame, or of this one after it.
    if (burst > 0) --burst;
    for (; burst_start(burst) < last_frame; ++burst) {
        const std::uint64_t start = burst_start(burst);
        const std::uint64_t end = std::min({start + burst_frames_, burst_start(burst + 1), last_frame});
        for (std::uint64_t at = std::max(start, first_frame); at < end;) {
            std::array<float, kChunkFrames> samples;
            const std::size_t count =
                static_cast<std::size_t>(std::min<std::uint64_t>(end - at, kChunkFrames));
            fill(burst, at - start, std::span(samples).first(count));
            for (float* channel : channels) {
                float* target = channel + (at - first_frame);
                for (std::size_t i = 0; i < count; ++i) target[i] += samples[i];
            }
            at += count;
        }
    }
}

}  // namespace fadeout::audio
