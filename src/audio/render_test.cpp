#include "audio/render.h"

#include <gtest/gtest.h>

#include <cmath>

#include "audio/render_test_media.h"
#include "base/error.h"

namespace fadeout::audio {
namespace {

using namespace testing;

constexpr Format all_formats[] = {Format::mp3, Format::m4a, Format::opus, Format::flac, Format::wav};

ErrorKind kind_of(const std::function<void()>& work) {
    try {
        work();
    } catch (const Error& error) {
        return error.kind();
    }
    ADD_FAILURE() << "no Error was thrown";
    return ErrorKind::internal;
}

struct LengthCase {
    Format format;
    Shape shape;
    std::size_t frames;
};

class Length : public ::testing::TestWithParam<LengthCase> {};

/// Gapless: what comes out after decoding is as long as what went in, to the sample where the rate stays.
TEST_P(Length, StaysWithinOneSample) {
    const LengthCase& c = GetParam();
    const FileBytes input = tone_wav(c.frames, c.shape);
    RenderPlan plan;
    plan.format = c.format;
    const Rendered out = render_all(input, plan);
    const Decoded decoded = decode_all(out.bytes);
    EXPECT_EQ(decoded.info.channels, c.shape.channels);
    const double expected =
        static_cast<double>(c.frames) / c.shape.sample_rate_hz * decoded.info.sample_rate_hz;
    EXPECT_NEAR(static_cast<double>(decoded.frames()), expected, 1.0);
    if (decoded.info.sample_rate_hz == c.shape.sample_rate_hz) {
        EXPECT_EQ(decoded.frames(), c.frames);
    }
    EXPECT_NEAR(out.result.output.duration_s, decoded.info.duration_s, 1.0 / c.shape.sample_rate_hz);
    EXPECT_EQ(out.result.output_bytes, out.bytes.size());
    EXPECT_EQ(out.result.output.codec, decoded.info.codec);
    EXPECT_TRUE(out.result.warnings.empty());
}

std::vector<LengthCase> length_cases() {
    std::vector<LengthCase> cases;
    for (const Format format : all_formats) {
        cases.push_back({format, {44100, 2, 16}, 44100 * 3 + 17});
        cases.push_back({format, {44100, 1, 16}, 44100 + 1});
        cases.push_back({format, {48000, 2, 16}, 48000 * 2 + 959});
        cases.push_back({format, {48000, 1, 24}, 48000 - 1});
        cases.push_back({format, {22050, 1, 16}, 22050 + 123});
        cases.push_back({format, {44100, 2, 16}, 1152 * 20});
        cases.push_back({format, {44100, 2, 16}, 777});
        cases.push_back({format, {96000, 2, 24}, 96000 + 5});
    }
    return cases;
}

std::string case_name(const ::testing::TestParamInfo<LengthCase>& tested) {
    const LengthCase& c = tested.param;
    return std::string(name(c.format)) + "_" + std::to_string(c.shape.sample_rate_hz) + "_" +
           std::to_string(c.shape.channels) + "_" + std::to_string(c.frames);
}

INSTANTIATE_TEST_SUITE_P(Formats, Length, ::testing::ValuesIn(length_cases()), case_name);

/// The delay is trimmed at the right end: a click stays where it was.
TEST(Render, KeepsThePosition) {
    const Shape shape{48000, 1, 16};
    std::vector<std::int32_t> samples(48000);
    for (std::size_t i = 0; i < 64; ++i) samples[24000 + i] = i % 2 ? 20000 : -20000;
    for (const Format format : all_formats) {
        const Decoded decoded = decode_all(render_to(format, wav(samples, shape)));
        std::size_t loudest = 0;
        for (std::size_t i = 0; i < decoded.frames(); ++i) {
            if (std::abs(decoded.channels[0][i]) > std::abs(decoded.channels[0][loudest])) loudest = i;
        }
        EXPECT_NEAR(static_cast<double>(loudest), 24032, 48) << name(format);
    }
}

TEST(Render, LosslessKeepsEveryBit) {
    for (const int bits : {16, 24}) {
        for (const int channels : {1, 2}) {
            const Shape shape{44100, channels, bits};
            const FileBytes original = tone_wav(30011, shape);
            const FileBytes flac = render_to(Format::flac, original);
            const Decoded expected = decode_all(original);
            EXPECT_EQ(decode_all(flac).channels, expected.channels) << bits;
            EXPECT_EQ(decode_all(render_to(Format::wav, flac)).channels, expected.channels) << bits;
            EXPECT_EQ(decode_all(render_to(Format::wav, original)).channels, expected.channels) << bits;
            EXPECT_EQ(decode_all(flac).info.codec, "flac");
        }
    }
    const FileBytes original = tone_wav(30011);
    EXPECT_EQ(render_to(Format::wav, render_to(Format::flac, original)), original);
}

TEST(Render, FullScaleIsNotFolded) {
    const std::vector<std::int32_t> extremes = {32767, -32768, -32768, 32767, 0, 1, -1, 16384};
    std::vector<std::int32_t> samples;
    for (int i = 0; i < 2000; ++i) samples.insert(samples.end(), extremes.begin(), extremes.end());
    const FileBytes original = wav(samples, {});
    EXPECT_EQ(render_to(Format::wav, render_to(Format::flac, original)), original);
}

TEST(Render, FlacTellsItsLengthAndSum) {
    const FileBytes flac = render_to(Format::flac, tone_wav(12345));
    ASSERT_EQ(text_at(flac, 0, 4), "fLaC");
    const auto byte = [&](std::size_t at) { return std::to_integer<std::uint64_t>(flac[at]); };
    EXPECT_EQ((byte(21) & 15) << 32 | byte(22) << 24 | byte(23) << 16 | byte(24) << 8 | byte(25), 12345u);
    EXPECT_NE(text_at(flac, 26, 16), std::string(16, '\0'));
}

TEST(Render, WavHeaderIsTrueOrSaysThatItCannotKnow) {
    const FileBytes input = tone_wav(1000);
    const FileBytes known = render_to(Format::wav, input);
    EXPECT_EQ(known.size(), 44 + 4000u);
    EXPECT_EQ(known, input);
    StreamSource source(input);
    WindowSink sink(0);
    RenderPlan plan;
    plan.format = Format::wav;
    render(source, sink, plan, {}, {}, {});
    EXPECT_EQ(text_at(sink.data(), 4, 4), "\xFF\xFF\xFF\xFF");
    EXPECT_EQ(text_at(sink.data(), 40, 4), "\xFF\xFF\xFF\xFF");
    EXPECT_EQ(decode_all(sink.data()).frames(), 1000u);
}

/// A store keeps only its first part open for patching; every header must be completed within it.
TEST(Render, CompletesHeadersWithinASmallWindow) {
    const FileBytes input = tone_wav(44100 * 2 + 3);
    for (const Format format : all_formats) {
        WindowSink sink(64 << 10);
        MemorySource source(input);
        RenderPlan plan;
        plan.format = format;
        render(source, sink, plan, {}, {}, {});
        MemorySink whole;
        MemorySource again(input);
        render(again, whole, plan, {}, {}, {});
        EXPECT_EQ(sink.data(), whole.data()) << name(format);
    }
}

TEST(Render, WritesToAStreamWhatAStreamCanHold) {
    for (const Format format : {Format::mp3, Format::opus, Format::flac, Format::wav}) {
        WindowSink sink(0);
        MemorySource source(tone_wav(44100));
        RenderPlan plan;
        plan.format = format;
        render(source, sink, plan, {}, {}, {});
        EXPECT_GE(decode_all(sink.data()).frames(), 44100u) << name(format);
    }
    WindowSink sink(0);
    MemorySource source(tone_wav(44100));
    RenderPlan m4a;
    m4a.format = Format::m4a;
    EXPECT_EQ(kind_of([&] { render(source, sink, m4a, {}, {}, {}); }), ErrorKind::invalid);
    EXPECT_TRUE(sink.data().empty());
}

TEST(Render, M4aHasItsIndexInFront) {
    const FileBytes m4a = render_to(Format::m4a, tone_wav(44100));
    EXPECT_EQ(text_at(m4a, 4, 8), "ftypM4A ");
    EXPECT_LT(find_text(m4a, "moov"), find_text(m4a, "mdat"));
}

TEST(Render, M4aIndexGoesBehindWhereTheWindowIsTooSmall) {
    WindowSink sink(100);
    MemorySource source(tone_wav(44100 + 7));
    RenderPlan plan;
    plan.format = Format::m4a;
    render(source, sink, plan, {}, {}, {});
    EXPECT_GT(find_text(sink.data(), "moov"), find_text(sink.data(), "mdat"));
    EXPECT_EQ(decode_all(sink.data()).frames(), 44100u + 7);
}

TEST(Render, Mp3HasTheBitrateThatWasAsked) {
    RenderPlan plan;
    plan.bitrate_bps = 128000;
    const Rendered out = render_all(tone_wav(44100 * 2), plan);
    EXPECT_EQ(out.result.output.bitrate_bps, 128000);
    EXPECT_EQ(decode_all(out.bytes).info.bitrate_bps, 128000);
    EXPECT_NEAR(static_cast<double>(out.bytes.size()), 128000.0 / 8 * 2, 2000);
    EXPECT_NE(find_text(out.bytes, "Info"), std::string::npos);  // the Xing frame of constant bit rates
}

TEST(Render, ReadsStreams) {
    const FileBytes input = tone_wav(44100 + 5);
    for (const Format format : all_formats) {
        StreamSource source(render_to(format, input));
        const Decoded decoded = decode_all(source);
        EXPECT_NEAR(decoded.info.duration_s, 1.0, 0.03) << name(format);
    }
}

TEST(Render, AsksForASeekableSourceWhereTheIndexIsAtTheEnd) {
    WindowSink sink(100);
    MemorySource source(tone_wav(44100 * 20));
    RenderPlan plan;
    plan.format = Format::m4a;
    plan.bitrate_bps = 320000;
    render(source, sink, plan, {}, {}, {});
    ASSERT_GT(sink.data().size(), 512u << 10);
    StreamSource stream(sink.data());
    try {
        decode_all(stream);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::unprocessable);
        EXPECT_NE(std::string(error.what()).find("index at the end"), std::string::npos) << error.what();
    }
}

TEST(Render, ChannelsKeepTheirLevel) {
    const std::size_t frames = 4000;
    RenderPlan plan;
    plan.format = Format::wav;
    plan.channels = 2;
    const Decoded mono = decode_all(tone_wav(frames, {44100, 1, 16}));
    const Decoded both = decode_all(render_all(tone_wav(frames, {44100, 1, 16}), plan).bytes);
    EXPECT_EQ(both.channels[0], mono.channels[0]);
    EXPECT_EQ(both.channels[1], mono.channels[0]);
    plan.channels = 1;
    const Decoded stereo = decode_all(tone_wav(frames));
    const Decoded mean = decode_all(render_all(tone_wav(frames), plan).bytes);
    ASSERT_EQ(mean.frames(), frames);
    for (std::size_t i = 0; i < frames; ++i) {
        EXPECT_NEAR(mean.channels[0][i], (stereo.channels[0][i] + stereo.channels[1][i]) / 2, 1.0 / 32768);
    }
}

TEST(Render, SurroundIsMixedDownOrKept) {
    const FileBytes surround = tone_wav(20000, {48000, 6, 16});
    EXPECT_EQ(decode_all(render_to(Format::mp3, surround)).info.channels, 2);
    const Decoded flac = decode_all(render_to(Format::flac, surround));
    EXPECT_EQ(flac.channels, decode_all(surround).channels);
}

TEST(Render, StopsWhenAsked) {
    MemorySource source(tone_wav(44100 * 5));
    MemorySink sink;
    std::stop_source stop;
    const OnProgress ask = [&](double fraction) {
        if (fraction > 0.3) stop.request_stop();
    };
    double last = 0;
    const OnProgress both = [&](double fraction) {
        last = fraction;
        ask(fraction);
    };
    EXPECT_EQ(kind_of([&] { render(source, sink, {}, {}, both, stop.get_token()); }), ErrorKind::cancelled);
    EXPECT_LT(last, 0.5);
}

TEST(Render, TellsItsProgress) {
    for (const std::optional<double> loudness : {std::optional<double>(), std::optional<double>(-16)}) {
        MemorySource source(tone_wav(44100 * 3));
        MemorySink sink;
        RenderPlan plan;
        plan.loudness_lufs = loudness;
        std::vector<double> told;
        render(source, sink, plan, {}, [&](double fraction) { told.push_back(fraction); }, {});
        ASSERT_GT(told.size(), 10u);
        EXPECT_LT(told.size(), 150u);
        EXPECT_TRUE(std::is_sorted(told.begin(), told.end()));
        EXPECT_EQ(told.back(), 1.0);
    }
}

TEST(Render, LoudnessIsReached) {
    RenderPlan plan;
    plan.format = Format::wav;
    plan.loudness_lufs = -20;
    const FileBytes input = tone_wav(48000 * 4, {48000, 2, 16});
    const FileBytes once = render_all(input, plan).bytes;
    const FileBytes twice = render_all(once, plan).bytes;
    const Decoded a = decode_all(once);
    const Decoded b = decode_all(twice);
    EXPECT_NE(once, input);
    for (std::size_t i = 0; i < a.frames(); i += 101) EXPECT_NEAR(a.channels[0][i], b.channels[0][i], 0.001);
    StreamSource stream(input);
    MemorySink sink;
    EXPECT_EQ(kind_of([&] { render(stream, sink, plan, {}, {}, {}); }), ErrorKind::invalid);
}

TEST(Probe, TellsWhatTheSourceIs) {
    for (const Format format : all_formats) {
        MemorySource source(render_to(format, tone_wav(48000 * 2, {48000, 2, 16})));
        const MediaInfo info = probe(source, {});
        EXPECT_NEAR(info.duration_s, 2.0, 0.06) << name(format);
        EXPECT_FALSE(info.duration_is_estimated) << name(format);
        EXPECT_EQ(info.sample_rate_hz, 48000);
        EXPECT_EQ(info.channels, 2);
        EXPECT_GT(info.bitrate_bps, 0);
    }
}

TEST(Measure, DecodesWhatDoesNotTellItsLength) {
    const FileBytes bytes = mp3_without_length(44100 * 4);
    MemorySource source(bytes);
    const MediaInfo estimate = probe(source, {});
    EXPECT_TRUE(estimate.duration_is_estimated);
    EXPECT_GT(estimate.duration_s, 6);
    StreamSource stream(bytes);
    for (ByteSource* each : {static_cast<ByteSource*>(&source), static_cast<ByteSource*>(&stream)}) {
        const MediaInfo info = measure(*each, {}, {});
        EXPECT_FALSE(info.duration_is_estimated);
        EXPECT_NEAR(info.duration_s, 4, 0.2);
    }
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(kind_of([&] { measure(source, {}, stop.get_token()); }), ErrorKind::cancelled);
    MemorySource wav(tone_wav(44100));
    EXPECT_NEAR(measure(wav, {}, stop.get_token()).duration_s, 1, 0.001) << "there is nothing to decode";
}

}  // namespace
}  // namespace fadeout::audio
