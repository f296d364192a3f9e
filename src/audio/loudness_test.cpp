#include "audio/loudness.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

namespace fadeout::audio {
namespace {

TEST(LoudnessGain, IsTheDifference) {
    EXPECT_NEAR(loudness_gain({-20, 0.2}, -14), std::pow(10.0, 6.0 / 20), 1e-9);
    EXPECT_NEAR(loudness_gain({-10, 0.9}, -23), std::pow(10.0, -13.0 / 20), 1e-9);
    EXPECT_DOUBLE_EQ(loudness_gain({-14, 0.5}, -14), 1);
}

TEST(LoudnessGain, KeepsTheTruePeakBelowMinusOne) {
    const double limit = std::pow(10.0, -1.0 / 20);
    EXPECT_NEAR(loudness_gain({-30, 0.5}, -14) * 0.5, limit, 1e-9);
    EXPECT_NEAR(loudness_gain({-14, 1.4}, -14) * 1.4, limit, 1e-9);
}

TEST(LoudnessGain, LeavesSilenceAlone) {
    EXPECT_EQ(loudness_gain({-std::numeric_limits<double>::infinity(), 0}, -14), 1);
    EXPECT_EQ(loudness_gain({-std::numeric_limits<double>::infinity(), 0.001}, -14), 1);
    EXPECT_EQ(loudness_gain({-70, 0}, -14), 1);
}

/// EBU Tech 3341, case 1: a stereo sine of 1 kHz at -23 dBFS reads -23 LUFS.
TEST(LoudnessMeter, ReadsTheReferenceTone) {
    const double level = std::pow(10.0, -23.0 / 20);
    std::vector<float> tone(48000);
    for (std::size_t i = 0; i < tone.size(); ++i) {
        tone[i] = static_cast<float>(level *
                                     std::sin(2 * std::numbers::pi * 1000 * static_cast<double>(i) / 48000));
    }
    LoudnessMeter meter(48000, 2);
    const float* const channels[] = {tone.data(), tone.data()};
    for (int second = 0; second < 5; ++second) meter.add(channels, tone.size());
    EXPECT_NEAR(meter.result().integrated_lufs, -23, 0.1);
    EXPECT_NEAR(meter.result().true_peak, level, 0.001);
}

TEST(LoudnessMeter, SilenceHasNone) {
    const std::vector<float> silence(48000);
    LoudnessMeter meter(48000, 1);
    const float* const channels[] = {silence.data()};
    meter.add(channels, silence.size());
    EXPECT_EQ(meter.result().integrated_lufs, -std::numeric_limits<double>::infinity());
}

}  // namespace
}  // namespace fadeout::audio
