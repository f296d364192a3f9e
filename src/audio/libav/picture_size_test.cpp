#include "audio/libav/picture_size.h"

#include <gtest/gtest.h>

#include <string>

namespace fadeout::audio::libav {
namespace {

using namespace std::string_literals;

PictureSize size_of(const std::string& bytes) {
    return picture_size(as_bytes(bytes));
}

TEST(PictureSize, ReadsPng) {
    const PictureSize size = size_of("\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\x01\x40\0\0\0\xF0\x08\x02"s);
    EXPECT_EQ(size.width, 320);
    EXPECT_EQ(size.height, 240);
}

TEST(PictureSize, ReadsJpegBehindOtherSegments) {
    const PictureSize size =
        size_of("\xFF\xD8\xFF\xE0\0\x04xx\xFF\xC4\0\x03x\xFF\xC2\0\x11\x08\x01\x00\x02\x00\x03"s);
    EXPECT_EQ(size.width, 512);
    EXPECT_EQ(size.height, 256);
}

TEST(PictureSize, IsNothingElsewhere) {
    const std::string jpeg = "\xFF\xD8\xFF\xE0\0\x04xx\xFF\xC0\0\x11\x08\x01\x00\x02\x00\x03"s;
    for (std::size_t size = 0; size < jpeg.size() - 1; ++size)
        EXPECT_EQ(size_of(jpeg.substr(0, size)).width, 0);
    EXPECT_EQ(size_of("GIF89a and so on, long enough to be looked at").width, 0);
    EXPECT_EQ(size_of("\xFF\xD8\xFF\xE0\0\0\0\0\0\0\0\0\0\0"s).width, 0);
}

}  // namespace
}  // namespace fadeout::audio::libav
