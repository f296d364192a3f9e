#include "audio/libav/ogg_pages.h"

#include <gtest/gtest.h>

#include <string>

namespace fadeout::audio::libav {
namespace {

/// The sum of RFC 3533 bit by bit: polynomial 0x04C11DB7, nothing inverted.
std::uint32_t slow_crc(const std::string& bytes) {
    std::uint32_t crc = 0;
    for (const char byte : bytes) {
        crc ^= static_cast<std::uint32_t>(static_cast<unsigned char>(byte)) << 24;
        for (int bit = 0; bit < 8; ++bit) crc = crc << 1 ^ (crc >> 31 ? 0x04C11DB7u : 0u);
    }
    return crc;
}

std::string page(std::size_t body, bool last = false) {
    std::string out = "OggS";
    out += std::string(1, '\0') + static_cast<char>(last ? 4 : 0) + std::string(20, '\0');
    const std::size_t segments = body / 255 + 1;
    out += static_cast<char>(segments);
    out += std::string(segments - 1, '\xFF') + static_cast<char>(body % 255);
    for (std::size_t i = 0; i < body; ++i) out += static_cast<char>(i * 7 + body);
    const std::uint32_t crc = slow_crc(out);
    for (std::size_t i = 0; i < 4; ++i) out[22 + i] = static_cast<char>(crc >> (8 * i));
    return out;
}

bool whole(const std::string& file, std::size_t step = 1000) {
    OggPages pages;
    for (std::size_t at = 0; at < file.size(); at += step)
        pages.feed(as_bytes(std::string_view(file).substr(at, step)));
    return pages.whole();
}

TEST(OggPages, AreWholeHoweverTheyArrive) {
    const std::string file = page(30) + page(4000) + page(0) + page(600, true);
    for (const std::size_t step : {1, 2, 3, 26, 27, 100, 5000}) EXPECT_TRUE(whole(file, step)) << step;
    EXPECT_TRUE(whole(page(30) + page(600)));  // a recording of a live stream has no last page
    EXPECT_TRUE(whole(file + "TAG of an older time" + std::string(108, '\0')));
}

TEST(OggPages, EveryCutInsideAPageIsSeen) {
    const std::string file = page(30) + page(400, true);
    const std::size_t first = page(30).size();
    for (std::size_t size = 1; size < file.size(); ++size) {
        EXPECT_EQ(whole(file.substr(0, size)), size == first) << size;
    }
}

TEST(OggPages, EveryChangedByteIsSeen) {
    const std::string file = page(30) + page(100) + page(50, true);
    for (std::size_t i = 0; i < file.size(); ++i) {
        std::string damaged = file;
        damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
        EXPECT_FALSE(whole(damaged, 77)) << i;
    }
    EXPECT_FALSE(whole(page(30) + "junk" + page(50, true)));
}

}  // namespace
}  // namespace fadeout::audio::libav
