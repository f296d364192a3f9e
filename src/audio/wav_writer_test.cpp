#include "audio/wav_writer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/error.h"

namespace fadeout::audio {
namespace {

std::uint32_t u32_at(const std::vector<std::byte>& data, std::size_t offset) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) value |= std::to_integer<std::uint32_t>(data[offset + i]) << (8 * i);
    return value;
}

std::string text_at(const std::vector<std::byte>& data, std::size_t offset) {
    return {reinterpret_cast<const char*>(data.data()) + offset, 4};
}

/// Counts and drops: for sizes that no test should keep.
class CountingSink final : public ByteSink {
  public:
    void write(Bytes data) override { written += data.size(); }
    void patch(std::uint64_t, Bytes) override {}
    std::uint64_t patchable_bytes() const override { return 44; }
    std::uint64_t written = 0;
};

TEST(WavWriter, HeaderTellsTheTrueSizes) {
    MemorySink sink;
    WavWriter writer(sink, 22050, 2);
    const std::vector<std::int16_t> samples = {1, -2, 300, -32768};
    writer.write(samples);
    writer.write(std::span(samples).first(2));
    EXPECT_DOUBLE_EQ(writer.duration_s(), 3 / 22050.0);
    writer.finish();
    const auto& data = sink.data();
    ASSERT_EQ(data.size(), 44U + 12);
    EXPECT_EQ(text_at(data, 0), "RIFF");
    EXPECT_EQ(u32_at(data, 4), data.size() - 8);
    EXPECT_EQ(text_at(data, 8) + text_at(data, 12), "WAVEfmt ");
    EXPECT_EQ(u32_at(data, 16), 16U);
    EXPECT_EQ(u32_at(data, 20), 1U | 2U << 16) << "PCM, two channels";
    EXPECT_EQ(u32_at(data, 24), 22050U);
    EXPECT_EQ(u32_at(data, 28), 22050U * 4) << "bytes per second";
    EXPECT_EQ(u32_at(data, 32), 4U | 16U << 16) << "bytes per frame, bits per sample";
    EXPECT_EQ(text_at(data, 36), "data");
    EXPECT_EQ(u32_at(data, 40), 12U);
    EXPECT_EQ(u32_at(data, 44), 0xFFFE0001U) << "1, -2, little endian";
    EXPECT_EQ(u32_at(data, 48), 0x8000012CU) << "300, -32768";
}

TEST(WavWriter, WithoutSamplesIsAnEmptyFile) {
    MemorySink sink;
    WavWriter writer(sink, 8000, 1);
    writer.finish();
    EXPECT_EQ(sink.data().size(), 44U);
    EXPECT_EQ(u32_at(sink.data(), 4), 36U);
    EXPECT_EQ(u32_at(sink.data(), 40), 0U);
    EXPECT_EQ(writer.duration_s(), 0);
}

TEST(WavWriter, RefusesMoreThanFourGiBAndWritesNothingOfIt) {
    CountingSink sink;
    WavWriter writer(sink, 48000, 1);
    const std::vector<std::int16_t> block(16 << 20);
    for (int i = 0; i < 127; ++i) writer.write(block);
    const std::uint64_t before = sink.written;
    EXPECT_EQ(before, 44 + 127 * (32ULL << 20));
    try {
        writer.write(block);
        FAIL() << "36 bytes of the header do not fit";
    } catch (const Error& e) {
        EXPECT_EQ(e.kind(), ErrorKind::too_large);
    }
    EXPECT_EQ(sink.written, before);
    EXPECT_NO_THROW(writer.write(std::span(block).first(block.size() - 19)));
}

}  // namespace
}  // namespace fadeout::audio
