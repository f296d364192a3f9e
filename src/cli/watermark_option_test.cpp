#include "cli/watermark_option.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace fadeout::cli {
namespace {

std::string refusal(std::string_view text) {
    try {
        parse_watermark(text);
        return "accepted";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid);
        return error.what();
    }
}

TEST(WatermarkOption, ReadsEveryMember) {
    const audio::Watermark expected{.type = audio::WatermarkType::pink_noise,
                                    .frequency_hz = 440.5,
                                    .volume = 0.25,
                                    .duration_s = 1.5,
                                    .interval_s = 20};
    EXPECT_EQ(parse_watermark("type=pink_noise,frequency=440.5,volume=0.25,duration=1.5,interval=20"),
              expected);
    EXPECT_EQ(parse_watermark(" interval = 20 , type=pink_noise,duration=1.5,volume=.25,frequency=440.5"),
              expected);
}

TEST(WatermarkOption, WhatIsLeftOutHasItsDefault) {
    audio::Watermark expected;
    expected.interval_s = 5;
    EXPECT_EQ(parse_watermark("interval=5"), expected);
}

TEST(WatermarkOption, RefusesWhatItDoesNotUnderstand) {
    EXPECT_THAT(refusal("volum=1"), testing::HasSubstr("Did you mean \"volume\"?"));
    EXPECT_THAT(refusal("volume=loud"), testing::HasSubstr("not a number"));
    EXPECT_THAT(refusal("volume="), testing::HasSubstr("not a number"));
    EXPECT_THAT(refusal("volume"), testing::HasSubstr("NAME=VALUE"));
    EXPECT_THAT(refusal(""), testing::HasSubstr("NAME=VALUE"));
    EXPECT_THAT(refusal("interval=5,"), testing::HasSubstr("NAME=VALUE"));
    EXPECT_THAT(refusal("volume=0.1,volume=0.2"), testing::HasSubstr("twice"));
    EXPECT_THAT(refusal("type=beep"), testing::HasSubstr("periodic_tone"));
}

TEST(Faults, F17_AWatermarkThatBreaksTheAudioIsRefused) {
    for (const char* bad : {"volume=inf", "volume=nan", "interval=0", "duration=-1", "volume=0", "volume=1.1",
                            "duration=5,interval=4", "frequency=0", "frequency=1e999", "interval=-inf"})
        EXPECT_NE(refusal(bad), "accepted") << bad;
}

}  // namespace
}  // namespace fadeout::cli
