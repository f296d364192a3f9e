#include "audio/watermark.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <numbers>
#include <random>
#include <vector>

#include "base/error.h"

namespace fadeout::audio {
namespace {

constexpr int kRateHz = 8000;
constexpr WatermarkType kTypes[] = {WatermarkType::periodic_tone, WatermarkType::white_noise,
                                    WatermarkType::pink_noise};

std::vector<float> burst_samples(const Watermark& watermark, std::size_t frames,
                                 int sample_rate_hz = kRateHz) {
    std::vector<float> samples(frames);
    float* const channels[] = {samples.data()};
    BurstGenerator(watermark, sample_rate_hz).mix(channels, frames, 0);
    return samples;
}

double rms(std::span<const float> samples) {
    double sum = 0;
    for (float s : samples) sum += static_cast<double>(s) * s;
    return std::sqrt(sum / static_cast<double>(samples.size()));
}

/// Power at one frequency: a single bin of the discrete Fourier transform.
double power_at(std::span<const float> samples, double frequency_hz) {
    double re = 0, im = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const double phase = 2 * std::numbers::pi * frequency_hz * static_cast<double>(i) / kRateHz;
        re += samples[i] * std::cos(phase);
        im += samples[i] * std::sin(phase);
    }
    return re * re + im * im;
}

ErrorKind kind_of(const Watermark& watermark) {
    try {
        check(watermark);
    } catch (const Error& e) {
        return e.kind();
    }
    return ErrorKind::internal;  // not thrown
}

TEST(Watermark, NamesAreReadBack) {
    for (WatermarkType type : kTypes) EXPECT_EQ(parse_watermark_type(name(type)), type);
    try {
        parse_watermark_type("voice");
        FAIL();
    } catch (const Error& e) {
        EXPECT_EQ(e.kind(), ErrorKind::invalid);
        EXPECT_NE(std::string(e.what()).find("periodic_tone, white_noise, pink_noise"), std::string::npos);
    }
}

TEST(Faults, F17_WatermarkSettingsThatAreNoPositiveNumberAreRefused) {
    const double inf = std::numeric_limits<double>::infinity();
    const double nan = std::numeric_limits<double>::quiet_NaN();
    EXPECT_NO_THROW(check(Watermark{}));
    for (double bad : {inf, -inf, nan, 0.0, -1.0}) {
        EXPECT_EQ(kind_of({.frequency_hz = bad}), ErrorKind::invalid) << bad;
        EXPECT_EQ(kind_of({.volume = bad}), ErrorKind::invalid) << bad;
        EXPECT_EQ(kind_of({.duration_s = bad}), ErrorKind::invalid) << bad;
        EXPECT_EQ(kind_of({.interval_s = bad}), ErrorKind::invalid) << bad;
    }
    EXPECT_EQ(kind_of({.volume = 1.01}), ErrorKind::invalid);
    EXPECT_EQ(kind_of({.frequency_hz = 24000}), ErrorKind::invalid);
    EXPECT_EQ(kind_of({.duration_s = 2, .interval_s = 1}), ErrorKind::invalid);
    EXPECT_NO_THROW(check({.volume = 1, .duration_s = 2, .interval_s = 2}));
}

TEST(Watermark, RefusesASineThatTheSampleRateCannotCarry) {
    EXPECT_THROW(BurstGenerator({.frequency_hz = 4000}, 8000), Error);
    EXPECT_NO_THROW(BurstGenerator({.frequency_hz = 3999}, 8000));
    EXPECT_NO_THROW(BurstGenerator({.type = WatermarkType::white_noise, .frequency_hz = 4000}, 8000));
}

TEST(Faults, F17_BetweenBurstsEverySampleStaysBitForBit) {
    constexpr std::size_t kFrames = kRateHz * 4;
    std::mt19937 random(1);
    std::uniform_real_distribution<float> level(-1, 1);
    std::vector<float> left(kFrames), right(kFrames);
    for (std::size_t i = 0; i < kFrames; ++i) left[i] = level(random), right[i] = level(random);
    left[kRateHz - 1] = -0.0F;
    right[kRateHz - 1] = std::numeric_limits<float>::denorm_min();
    for (WatermarkType type : kTypes) {
        auto marked_left = left, marked_right = right;
        float* const channels[] = {marked_left.data(), marked_right.data()};
        BurstGenerator(
            {.type = type, .frequency_hz = 437, .volume = 0.2, .duration_s = 0.25, .interval_s = 1}, kRateHz)
            .mix(channels, kFrames, 0);
        std::size_t changed = 0;
        for (std::size_t i = 0; i < kFrames; ++i) {
            if (i % kRateHz < kRateHz / 4) {
                changed += marked_left[i] != left[i];
                EXPECT_NEAR(marked_left[i] - left[i], marked_right[i] - right[i], 1e-6);
            } else {
                ASSERT_EQ(std::bit_cast<std::uint32_t>(marked_left[i]),
                          std::bit_cast<std::uint32_t>(left[i]));
                ASSERT_EQ(std::bit_cast<std::uint32_t>(marked_right[i]),
                          std::bit_cast<std::uint32_t>(right[i]));
            }
        }
        EXPECT_GT(changed, kRateHz * 9U / 10) << name(type) << " must leave a mark in each of the 4 bursts";
    }
}

TEST(Watermark, AnySplitIntoBlocksGivesTheSameSamples) {
    std::mt19937 random(2);
    for (int round = 0; round < 60; ++round) {
        const auto random_part = [&random] { return static_cast<double>(random() % 1000); };
        const Watermark watermark = {.type = kTypes[round % 3],
                                     .frequency_hz = 440,
                                     .volume = 0.5,
                                     .duration_s = 0.0001 * (1 + random_part()),
                                     .interval_s = 0.1 + 0.00037 * random_part()};
        constexpr std::size_t kFrames = 6000;
        const auto whole = burst_samples(watermark, kFrames);
        std::vector<float> split(kFrames);
        const BurstGenerator generator(watermark, kRateHz);
        for (std::size_t at = 0; at < kFrames;) {
            const std::size_t count =
                std::min<std::size_t>(1 + random() % (round % 2 ? 7 : 2000), kFrames - at);
            float* const channels[] = {split.data() + at};
            generator.mix(channels, count, at);
            at += count;
        }
        ASSERT_EQ(whole, split) << "round " << round;
    }
}

TEST(Watermark, BurstsBeginAtEveryIntervalWithoutDrift) {
    // 1/3 s is no whole number of frames: counting whole frames would be 20 frames early after a minute.
    const Watermark watermark = {.volume = 1, .duration_s = 0.01, .interval_s = 1.0 / 3};
    std::vector<float> block(400);
    float* const channels[] = {block.data()};
    BurstGenerator(watermark, kRateHz).mix(channels, block.size(), 60 * kRateHz - 100);
    for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(block[i], 0) << i;
    EXPECT_NE(block[101], 0);
    EXPECT_NE(block[179], 0);
    for (std::size_t i = 180; i < block.size(); ++i) EXPECT_EQ(block[i], 0) << i;
}

TEST(Watermark, StaysWithinItsVolume) {
    for (WatermarkType type : kTypes) {
        const auto samples =
            burst_samples({.type = type, .volume = 0.3, .duration_s = 5, .interval_s = 5}, kRateHz * 5);
        float peak = 0;
        for (float s : samples) peak = std::max(peak, std::abs(s));
        EXPECT_LE(peak, 0.3F) << name(type);
        EXPECT_GT(peak, 0.29F) << name(type);
        EXPECT_GT(rms(samples), 0.08) << name(type) << " must be audible";
    }
}

TEST(Watermark, SineHasItsFrequencyAndPinkNoiseFalls) {
    const auto sine =
        burst_samples({.frequency_hz = 1000, .volume = 1, .duration_s = 1, .interval_s = 1}, kRateHz);
    EXPECT_GT(power_at(sine, 1000), 1000 * power_at(sine, 1100));
    const auto band_power = [](std::span<const float> samples, double from_hz, double to_hz) {
        double sum = 0;
        for (double f = from_hz; f < to_hz; f += (to_hz - from_hz) / 50) sum += power_at(samples, f) / 50;
        return sum;
    };
    // From 100-200 Hz to 1600-3200 Hz are four octaves: pink noise has 3 dB less in each, white the same.
    const auto white =
        burst_samples({.type = WatermarkType::white_noise, .duration_s = 1, .interval_s = 1}, kRateHz);
    const auto pink =
        burst_samples({.type = WatermarkType::pink_noise, .duration_s = 1, .interval_s = 1}, kRateHz);
    EXPECT_NEAR(10 * std::log10(band_power(white, 100, 200) / band_power(white, 1600, 3200)), 0, 3);
    EXPECT_NEAR(10 * std::log10(band_power(pink, 100, 200) / band_power(pink, 1600, 3200)), 12, 4);
}

TEST(Watermark, EdgesDoNotClick) {
    const auto samples = burst_samples(
        {.type = WatermarkType::white_noise, .volume = 1, .duration_s = 0.5, .interval_s = 1}, kRateHz);
    EXPECT_LT(std::abs(samples[0]), 0.01F);
    EXPECT_LT(std::abs(samples[kRateHz / 2 - 1]), 0.01F);
    EXPECT_GT(rms(std::span(samples).subspan(40, 40)), 0.3);
}

TEST(Watermark, ExtremeIntervalsEnd) {
    EXPECT_NE(burst_samples({.volume = 1, .duration_s = 1e-300, .interval_s = 1e-300}, 1000),
              std::vector<float>());
    const auto samples = burst_samples({.duration_s = 0.01, .interval_s = 1e300}, 1000);
    EXPECT_NE(samples[41], 0);
    EXPECT_EQ(samples[80], 0);
    const auto endless = burst_samples({.duration_s = 1e300, .interval_s = 1e300}, 1000);
    EXPECT_NE(endless[999], 0);
}

}  // namespace
}  // namespace fadeout::audio
