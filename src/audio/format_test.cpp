#include <gtest/gtest.h>

#include "audio/render.h"
#include "base/error.h"

namespace fadeout::audio {
namespace {

TEST(Format, KnowsItsNames) {
    EXPECT_EQ(parse_format("MP3"), Format::mp3);
    EXPECT_EQ(parse_format("aac"), Format::m4a);
    EXPECT_EQ(parse_format("mp4"), Format::m4a);
    EXPECT_EQ(parse_format("Ogg"), Format::opus);
    EXPECT_EQ(parse_format("wave"), std::nullopt);
    EXPECT_EQ(parse_format(""), std::nullopt);
    for (const Format format : {Format::mp3, Format::m4a, Format::opus, Format::flac, Format::wav}) {
        EXPECT_EQ(parse_format(name(format)), format);
        EXPECT_TRUE(content_type(format).starts_with("audio/"));
        EXPECT_NE(accepted_formats().find(name(format)), std::string_view::npos);
    }
}

TEST(Bitrate, IsReadInTheUsualSpellings) {
    EXPECT_EQ(parse_bitrate("192k"), 192000);
    EXPECT_EQ(parse_bitrate("192K"), 192000);
    EXPECT_EQ(parse_bitrate("128 kbps"), 128000);
    EXPECT_EQ(parse_bitrate("128000"), 128000);
    EXPECT_EQ(parse_bitrate(" 64kbit/s "), 64000);
    EXPECT_EQ(parse_bitrate("96000 bps"), 96000);
}

TEST(Bitrate, RefusesTheRestAndSaysWhatItAccepts) {
    for (const char* text : {"", "k", "fast", "-192k", "0", "192", "1e6", "192m", "192kk", "99999999999",
                             "600k", "4294967488k", "192k;rm", "\xFF\xFE"}) {
        try {
            parse_bitrate(text);
            ADD_FAILURE() << text;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::invalid);
            EXPECT_NE(std::string(error.what()).find("192k"), std::string::npos);
        }
    }
}

}  // namespace
}  // namespace fadeout::audio
