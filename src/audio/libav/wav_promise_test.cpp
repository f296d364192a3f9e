#include "audio/libav/wav_promise.h"

#include <gtest/gtest.h>

#include <string>

namespace fadeout::audio::libav {
namespace {

std::string le(std::uint64_t value, int size) {
    std::string out;
    for (int i = 0; i < size; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
    return out;
}

std::string chunk(const std::string& id, const std::string& body) {
    return id + le(body.size(), 4) + body;
}

std::string format(std::uint64_t tag, std::uint64_t block, const std::string& extra = {}) {
    return chunk("fmt ",
                 le(tag, 2) + le(2, 2) + le(44100, 4) + le(176400, 4) + le(block, 2) + le(16, 2) + extra);
}

std::string riff(const std::string& chunks) {
    return "RIFF" + le(0, 4) + "WAVE" + chunks;
}

std::optional<std::uint64_t> promised(const std::string& head) {
    return wav_promised_frames(as_bytes(head));
}

TEST(WavPromise, IsTheDataChunkInBlocks) {
    EXPECT_EQ(promised(riff(format(1, 4) + "data" + le(4000, 4))), 1000u);
    EXPECT_EQ(
        promised(riff(format(1, 4) + chunk("LIST", "INFOxyz") + std::string(1, '\0') + "data" + le(4000, 4))),
        1000u);
    EXPECT_EQ(promised(riff(format(0x11, 1024, le(2, 2) + le(1017, 2)) + "data" + le(10240, 4))), 10170u);
}

TEST(WavPromise, ReadsLongSizes) {
    const std::string long_sizes = chunk("ds64", le(0, 8) + le(8'000'000'000, 8) + le(0, 8) + le(0, 4));
    EXPECT_EQ(promised("RF64" + le(0xFFFFFFFF, 4) + "WAVE" + long_sizes + format(1, 4) + "data" +
                       le(0xFFFFFFFF, 4)),
              2'000'000'000u);
}

TEST(WavPromise, KnowsWhenNobodyKnew) {
    for (const std::uint64_t size : {0ull, 0xFFFFFFFFull, 0x7FFFF000ull, 0xFFFFFFF0ull}) {
        EXPECT_EQ(promised(riff(format(1, 4) + "data" + le(size, 4))), std::nullopt);
    }
    EXPECT_EQ(promised(riff(format(0x55, 1) + "data" + le(4000, 4))), std::nullopt);
    EXPECT_EQ(promised(riff(format(1, 0) + "data" + le(4000, 4))), std::nullopt);
    EXPECT_EQ(promised(riff("data" + le(4000, 4))), std::nullopt);
}

TEST(WavPromise, SurvivesAnyCut) {
    const std::string whole = riff(format(1, 4) + chunk("LIST", "INFOxy") + "data" + le(4000, 4));
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_EQ(promised(whole.substr(0, size)), std::nullopt);
    EXPECT_EQ(promised("RIFF" + le(0, 4) + "AVI " + format(1, 4) + "data" + le(4000, 4)), std::nullopt);
}

}  // namespace
}  // namespace fadeout::audio::libav
