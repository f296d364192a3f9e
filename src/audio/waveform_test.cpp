#include "audio/waveform.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cmath>
#include <functional>
#include <memory>
#include <random>

#include "audio/wav_writer.h"
#include "audio/waveform_pixels.h"
#include "base/error.h"

namespace fadeout::audio {
namespace {

using testing::ElementsAre;
using Samples = std::vector<std::int16_t>;

constexpr int kRateHz = 8000;
const std::stop_token kNeverStop;

MemorySource wav(const Samples& interleaved, int channels) {
    MemorySink sink;
    WavWriter writer(sink, kRateHz, channels);
    writer.write(interleaved);
    writer.finish();
    return MemorySource(sink.take());
}

Peaks peaks_of(const Samples& interleaved, int channels, int count) {
    MemorySource source = wav(interleaved, channels);
    return peaks(source, count, Limits{}, kNeverStop);
}

Audiowaveform audiowaveform_of(const Samples& interleaved, int channels,
                               const AudiowaveformOptions& options) {
    MemorySource source = wav(interleaved, channels);
    return audiowaveform(source, options, Limits{}, kNeverStop);
}

ErrorKind kind_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& e) {
        return e.kind();
    }
    ADD_FAILURE() << "nothing thrown";
    return ErrorKind::internal;
}

TEST(Peaks, AreTheLoudestSampleOfEachBin) {
    const Peaks result = peaks_of({0, 8192, -16384, 0, 4096, 0, 0, -32768}, 1, 4);
    EXPECT_THAT(result.maxima, ElementsAre(0.25F, 0.5F, 0.125F, 1.0F));
    EXPECT_DOUBLE_EQ(result.duration_s, 8.0 / kRateHz);
}

TEST(Faults, F19_OppositeChannelsDoNotCancel) {
    Samples opposite;
    for (int i = 0; i < 4000; ++i) {
        const auto s = static_cast<std::int16_t>(16384 * std::sin(i * 0.3));
        opposite.push_back(s);
        opposite.push_back(static_cast<std::int16_t>(-s));
    }
    for (const float peak : peaks_of(opposite, 2, 20).maxima) EXPECT_NEAR(peak, 0.5, 0.02);
}

TEST(Faults, F19_TheTailIsNotDropped) {
    for (const std::size_t frames : {1001U, 1999U, 12'347U}) {
        Samples silence_then_click(frames);
        silence_then_click.back() = 16384;
        const auto result = peaks_of(silence_then_click, 1, 200);
        EXPECT_EQ(result.maxima.back(), 0.5F) << frames;
        EXPECT_EQ(std::count(result.maxima.begin(), result.maxima.end(), 0.0F), 199);
        EXPECT_DOUBLE_EQ(result.duration_s, static_cast<double>(frames) / kRateHz);
        const auto pixels = audiowaveform_of(silence_then_click, 1, {}).min_max;
        EXPECT_EQ(pixels.size(), 2 * ((frames + 255) / 256));
        EXPECT_EQ(pixels.back(), 16384);
    }
}

TEST(Faults, F19_PeaksCountIsChecked) {
    for (const int count : {0, -1, 10'001})
        EXPECT_EQ(kind_of([&] { peaks_of({1, 2}, 1, count); }), ErrorKind::invalid) << count;
    EXPECT_EQ(peaks_of({1, 2}, 1, 10'000).maxima.size(), 10'000U) << "more bins than samples";
}

TEST(Peaks, OfWhatIsNoAudioAreRefused) {
    MemorySource text("#EXTM3U\nfile:///etc/passwd\n");
    EXPECT_EQ(kind_of([&] { peaks(text, 200, Limits{}, kNeverStop); }), ErrorKind::unprocessable);
}

TEST(Peaks, StopWhenAsked) {
    auto stop = std::make_unique<std::stop_source>();
    stop->request_stop();
    MemorySource source = wav(Samples(1000), 1);
    EXPECT_EQ(kind_of([&] { peaks(source, 10, Limits{}, stop->get_token()); }), ErrorKind::cancelled);
    EXPECT_EQ(kind_of([&] { audiowaveform(source, {}, Limits{}, stop->get_token()); }), ErrorKind::cancelled);
}

TEST(Audiowaveform, HasMinimumAndMaximumOfEachPixel) {
    const Samples samples = {1, -5, 7, 3, 300, -32768, 32767, 12, -4};
    EXPECT_THAT(audiowaveform_of(samples, 1, {.samples_per_pixel = 4}).min_max,
                ElementsAre(-5, 7, -32768, 32767, -4, -4));
    EXPECT_THAT(audiowaveform_of(samples, 1, {.samples_per_pixel = 4, .bits = 8}).min_max,
                ElementsAre(0, 0, -128, 127, 0, 0))
        << "divided by 256, towards zero";
}

TEST(Audiowaveform, MixesChannelsTowardsZero) {
    EXPECT_THAT(audiowaveform_of({100, 101, -100, -101, 5, -6}, 2, {.samples_per_pixel = 2}).min_max,
                ElementsAre(-100, 100, 0, 0));
}

/// As the other program does it, sample by sample.
Samples oracle(const Samples& interleaved, int channels, const AudiowaveformOptions& options) {
    Samples result;
    const int divisor = options.bits == 8 ? 256 : 1;
    const std::size_t frames = interleaved.size() / static_cast<std::size_t>(channels);
    for (std::size_t at = 0; at < frames;) {
        int minimum = 32767, maximum = -32768;
        for (int i = 0; i < options.samples_per_pixel && at < frames; ++i, ++at) {
            int sum = 0;
            for (int c = 0; c < channels; ++c)
                sum += interleaved[at * static_cast<std::size_t>(channels) + static_cast<std::size_t>(c)];
            minimum = std::min(minimum, sum / channels);
            maximum = std::max(maximum, sum / channels);
        }
        result.push_back(static_cast<std::int16_t>(minimum / divisor));
        result.push_back(static_cast<std::int16_t>(maximum / divisor));
    }
    return result;
}

TEST(Audiowaveform, EqualsTheDefinitionForRandomAudio) {
    std::mt19937 random(8);
    for (int round = 0; round < 30; ++round) {
        const int channels = 1 + round % 2;
        Samples samples((1 + random() % 9000) * static_cast<std::size_t>(channels));
        for (auto& s : samples) s = static_cast<std::int16_t>(random());
        const AudiowaveformOptions options = {.samples_per_pixel = static_cast<int>(2 + random() % 3000),
                                              .bits = round % 3 ? 16 : 8};
        ASSERT_EQ(audiowaveform_of(samples, channels, options).min_max, oracle(samples, channels, options));
    }
}

TEST(Audiowaveform, RoundsAndClampsFloatSamples) {
    PixelExtremes extremes(2, 16);
    const std::vector<float> samples = {0.4F / 32768, 0.6F / 32768, -0.6F / 32768, 2.0F, -3.0F, NAN};
    const float* const channels[] = {samples.data()};
    extremes.add(channels, samples.size());
    EXPECT_THAT(extremes.finish(), ElementsAre(0, 1, -1, 32767, -32768, -32768));
}

TEST(Audiowaveform, ChecksItsOptionsAndItsSize) {
    for (const AudiowaveformOptions bad : {AudiowaveformOptions{.samples_per_pixel = 1},
                                           {.samples_per_pixel = 1'000'001},
                                           {.bits = 12},
                                           {.bits = 0}})
        EXPECT_EQ(kind_of([&] { audiowaveform_of({1, 2, 3}, 1, bad); }), ErrorKind::invalid);
    PixelExtremes extremes(2, 16);
    const std::vector<float> silence(1 << 20);
    const float* const channels[] = {silence.data()};
    EXPECT_EQ(kind_of([&] {
                  for (int i = 0; i < 9; ++i) extremes.add(channels, silence.size());
              }),
              ErrorKind::too_large);
}

TEST(Audiowaveform, JsonIsVersionTwo) {
    const Audiowaveform data = {
        .sample_rate_hz = 44100, .samples_per_pixel = 256, .bits = 16, .min_max = {-32768, 32767, 0, 5}};
    EXPECT_EQ(to_json(data),
              R"({"version":2,"channels":1,"sample_rate":44100,"samples_per_pixel":256,"bits":16,"length":2,)"
              R"("data":[-32768,32767,0,5]})");
    EXPECT_EQ(
        boost::json::parse(to_json({.sample_rate_hz = 1, .samples_per_pixel = 2, .bits = 8, .min_max = {}}))
            .at("data")
            .as_array()
            .size(),
        0U);
}

TEST(Audiowaveform, DatIsVersionOne) {
    Audiowaveform data = {
        .sample_rate_hz = 44100, .samples_per_pixel = 256, .bits = 16, .min_max = {-2, 258}};
    const std::string header_16("\1\0\0\0\0\0\0\0\x44\xAC\0\0\0\1\0\0\1\0\0\0", 20);
    EXPECT_EQ(to_dat(data), header_16 + std::string("\xFE\xFF\2\1", 4));
    data.bits = 8;
    data.min_max = {-128, 127};
    const std::string header_8("\1\0\0\0\1\0\0\0\x44\xAC\0\0\0\1\0\0\1\0\0\0", 20);
    EXPECT_EQ(to_dat(data), header_8 + std::string("\x80\x7F", 2));
}

}  // namespace
}  // namespace fadeout::audio
