#include "audio/waveform_maxima.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace fadeout::audio {
namespace {

using Samples = std::vector<float>;

std::vector<float> bin_maxima(const std::vector<Samples>& channels, int count,
                              std::optional<std::uint64_t> promised, std::size_t block = 1000) {
    BinMaxima maxima(count, promised);
    for (std::size_t at = 0; at < channels[0].size(); at += block) {
        std::vector<const float*> at_block;
        for (const Samples& channel : channels) at_block.push_back(channel.data() + at);
        maxima.add(at_block, std::min(block, channels[0].size() - at));
    }
    return maxima.finish();
}

/// The definition, word by word.
std::vector<float> oracle(const std::vector<Samples>& channels, std::size_t count) {
    const std::size_t n = channels[0].size();
    std::vector<float> bins(count);
    for (std::size_t i = 0; i < count; ++i)
        for (std::size_t s = i * n / count; s < (i + 1) * n / count; ++s)
            for (const Samples& channel : channels) bins[i] = std::max(bins[i], std::abs(channel[s]));
    return bins;
}

Samples noise(std::mt19937& random, std::size_t size) {
    std::uniform_real_distribution<float> level(-1, 1);
    Samples samples(size);
    for (float& s : samples) s = level(random);
    return samples;
}

TEST(BinMaxima, AreExactWhenTheLengthIsPromised) {
    std::mt19937 random(5);
    for (int round = 0; round < 60; ++round) {
        const std::size_t frames = 1 + random() % (round % 30 == 0 ? 2'500'000 : 3000);
        const int count = static_cast<int>(1 + random() % (round % 3 == 0 ? 10'000 : 300));
        std::vector<Samples> channels = {noise(random, frames)};
        if (round % 2) channels.push_back(noise(random, frames));
        ASSERT_EQ(bin_maxima(channels, count, frames, 1 + random() % 5000),
                  oracle(channels, static_cast<std::size_t>(count)))
            << frames << " frames, " << count << " bins";
    }
}

TEST(BinMaxima, AreExactWithoutAPromiseWhileCellsAreSingleFrames) {
    std::mt19937 random(6);
    for (const std::size_t frames : {1UL, 2UL, 199UL, 201UL, 65'537UL, 1'048'576UL}) {
        const std::vector<Samples> channels = {noise(random, frames)};
        for (const int count : {7, 10'000})
            ASSERT_EQ(bin_maxima(channels, count, std::nullopt),
                      oracle(channels, static_cast<std::size_t>(count)));
    }
}

TEST(BinMaxima, HoldEverySampleOnceWhateverWasPromised) {
    // A few samples are not silent, each of its own level: each must show in exactly one bin, the right one.
    constexpr std::size_t kFrames = 2'200'000, kCount = 200;
    std::mt19937 random(7);
    std::vector<std::size_t> loud = {0, kFrames - 1};
    for (std::size_t bin = 5; bin < 195; bin += 10) loud.push_back(bin * 11'000 + random() % 11'000);
    std::vector<Samples> channels = {Samples(kFrames)};
    for (std::size_t i = 0; i < loud.size(); ++i) channels[0][loud[i]] = -0.01F * static_cast<float>(i + 1);
    for (const auto promised : std::vector<std::optional<std::uint64_t>>{
             std::nullopt, 1, (1 << 20) + 1, kFrames - 1, kFrames + 1, kFrames * 2, UINT64_MAX}) {
        const auto bins = bin_maxima(channels, kCount, promised, 100'000);
        ASSERT_EQ(bins.size(), kCount);
        if (promised == UINT64_MAX) continue;  // so false a promise leaves no precision
        EXPECT_EQ(std::count(bins.begin(), bins.end(), 0.0F), kCount - loud.size());
        for (std::size_t i = 0; i < loud.size(); ++i) {
            const auto found = std::find(bins.begin(), bins.end(), 0.01F * static_cast<float>(i + 1));
            ASSERT_NE(found, bins.end());
            const auto bin = static_cast<double>(found - bins.begin());
            const double exact = static_cast<double>(loud[i]) * kCount / kFrames;
            EXPECT_GT(exact, bin - 0.01) << loud[i];
            EXPECT_LT(exact, bin + 1.01) << loud[i];
        }
    }
}

TEST(BinMaxima, ClipAtFullScaleAndSurviveWhatIsNoNumber) {
    const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
    EXPECT_EQ(bin_maxima({{0.25F, -0.0F, -1.5F, 1.0F, nan, -inf}}, 6, 6), (Samples{0.25F, 0, 1, 1, 1, 1}));
}

TEST(BinMaxima, OfNothingAreZero) {
    EXPECT_EQ(BinMaxima(3, std::nullopt).finish(), Samples(3));
    EXPECT_EQ(BinMaxima(3, 100).finish(), Samples(3));
}

}  // namespace
}  // namespace fadeout::audio
