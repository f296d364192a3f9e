#include "audio/render_spec.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"

namespace fadeout::audio {
namespace {

MediaInfo source(int sample_rate_hz, int channels) {
    MediaInfo info;
    info.sample_rate_hz = sample_rate_hz;
    info.channels = channels;
    return info;
}

RenderPlan plan(Format format) {
    RenderPlan plan;
    plan.format = format;
    return plan;
}

std::string refusal(const RenderPlan& wrong) {
    try {
        check(wrong);
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid);
        return error.what();
    }
    return {};
}

TEST(ChooseOutput, KeepsWhatTheFormatHolds) {
    EXPECT_EQ(choose_output(plan(Format::mp3), source(44100, 2), 16),
              (OutputSpec{Format::mp3, 44100, 2, 16, 192000}));
    EXPECT_EQ(choose_output(plan(Format::m4a), source(48000, 1), 16),
              (OutputSpec{Format::m4a, 48000, 1, 16, 128000}));
    EXPECT_EQ(choose_output(plan(Format::flac), source(96000, 6), 24),
              (OutputSpec{Format::flac, 96000, 6, 24, 0}));
    EXPECT_EQ(choose_output(plan(Format::wav), source(11025, 1), 16),
              (OutputSpec{Format::wav, 11025, 1, 16, 0}));
}

TEST(ChooseOutput, FindsANearRateWhereItCannot) {
    EXPECT_EQ(choose_output(plan(Format::mp3), source(96000, 2), 24).sample_rate_hz, 48000);
    EXPECT_EQ(choose_output(plan(Format::mp3), source(88200, 2), 24).sample_rate_hz, 44100);
    EXPECT_EQ(choose_output(plan(Format::mp3), source(176400, 2), 24).sample_rate_hz, 44100);
    EXPECT_EQ(choose_output(plan(Format::mp3), source(192000, 2), 24).sample_rate_hz, 48000);
    EXPECT_EQ(choose_output(plan(Format::mp3), source(37800, 2), 16).sample_rate_hz, 44100);
    EXPECT_EQ(choose_output(plan(Format::mp3), source(6000, 1), 16).sample_rate_hz, 8000);
    EXPECT_EQ(choose_output(plan(Format::opus), source(44100, 2), 16).sample_rate_hz, 48000);
    EXPECT_EQ(choose_output(plan(Format::opus), source(16000, 1), 16).sample_rate_hz, 16000);
    EXPECT_EQ(choose_output(plan(Format::m4a), source(192000, 2), 24).sample_rate_hz, 96000);
}

TEST(ChooseOutput, SpeechAtTheUsualMp3BitrateWorks) {
    RenderPlan usual = plan(Format::mp3);
    usual.bitrate_bps = 192000;
    EXPECT_EQ(choose_output(usual, source(22050, 1), 16), (OutputSpec{Format::mp3, 44100, 1, 16, 192000}));
    EXPECT_EQ(choose_output(usual, source(8000, 1), 16).sample_rate_hz, 32000);
    EXPECT_EQ(choose_output(usual, source(44100, 2), 16).sample_rate_hz, 44100);
    usual.bitrate_bps = 8000;
    EXPECT_EQ(choose_output(usual, source(48000, 2), 16).sample_rate_hz, 24000);
}

TEST(ChooseOutput, MixesDownOnlyWhereItMust) {
    EXPECT_EQ(choose_output(plan(Format::mp3), source(48000, 6), 16).channels, 2);
    EXPECT_EQ(choose_output(plan(Format::opus), source(48000, 8), 16).channels, 2);
    EXPECT_EQ(choose_output(plan(Format::wav), source(48000, 8), 16).channels, 8);
    RenderPlan mono = plan(Format::wav);
    mono.channels = 1;
    EXPECT_EQ(choose_output(mono, source(48000, 8), 16).channels, 1);
}

TEST(ChooseOutput, AsksNoCodecForMoreThanItCanSpend) {
    RenderPlan high = plan(Format::opus);
    high.bitrate_bps = 510000;
    EXPECT_EQ(choose_output(high, source(48000, 1), 16).bitrate_bps, 256000);
    high = plan(Format::m4a);
    high.bitrate_bps = 320000;
    EXPECT_EQ(choose_output(high, source(8000, 1), 16).bitrate_bps, 48000);
}

TEST(CheckPlan, NamesTheAcceptedValues) {
    RenderPlan wrong = plan(Format::mp3);
    wrong.bitrate_bps = 200000;
    EXPECT_NE(refusal(wrong).find("192k, 224k"), std::string::npos) << refusal(wrong);
    wrong.bitrate_bps = 192000;
    wrong.sample_rate_hz = 22050;
    EXPECT_NE(refusal(wrong).find("160k"), std::string::npos) << refusal(wrong);
    wrong.sample_rate_hz = 96000;
    EXPECT_NE(refusal(wrong).find("44100, 48000"), std::string::npos) << refusal(wrong);
    wrong = plan(Format::opus);
    wrong.sample_rate_hz = 44100;
    EXPECT_NE(refusal(wrong).find("16000, 24000, 48000"), std::string::npos) << refusal(wrong);
    wrong = plan(Format::opus);
    wrong.bitrate_bps = 600000;
    EXPECT_NE(refusal(wrong).find("510k"), std::string::npos) << refusal(wrong);
    wrong = plan(Format::wav);
    wrong.sample_rate_hz = 7000;
    EXPECT_NE(refusal(wrong).find("8000 to 192000"), std::string::npos) << refusal(wrong);
    wrong = plan(Format::wav);
    wrong.channels = 3;
    EXPECT_NE(refusal(wrong).find("1 or 2"), std::string::npos) << refusal(wrong);
    wrong = plan(Format::wav);
    wrong.loudness_lufs = 0;
    EXPECT_NE(refusal(wrong).find("-70 to -5"), std::string::npos) << refusal(wrong);
    wrong.loudness_lufs = std::nan("");
    EXPECT_FALSE(refusal(wrong).empty());
    wrong = plan(Format::wav);
    wrong.watermark = Watermark{WatermarkType::periodic_tone, 1000, 0.1, 1, 0};
    EXPECT_FALSE(refusal(wrong).empty());
    EXPECT_TRUE(refusal(plan(Format::mp3)).empty());
}

}  // namespace
}  // namespace fadeout::audio
