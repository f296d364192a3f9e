#include "audio/wav_writer.h"

#include <array>
#include <bit>
#include <cstring>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace fadeout::audio {
namespace {

constexpr std::uint32_t kHeaderBytes = 44;
/// The RIFF size counts everything behind its own 8 bytes.
constexpr std::uint64_t kMaxDataBytes = UINT32_MAX - (kHeaderBytes - 8);
constexpr std::uint64_t kBytesPerSample = 2;

class HeaderBuilder {
  public:
    void text(std::string_view four_letters) { put(four_letters.data(), four_letters.size()); }
    void u16(std::uint32_t value) { little_endian(value, 2); }
    void u32(std::uint32_t value) { little_endian(value, 4); }
    Bytes bytes() const { return {bytes_.data(), used_}; }

  private:
    void little_endian(std::uint32_t value, int count) {
        for (int i = 0; i < count; ++i) bytes_[used_++] = static_cast<std::byte>(value >> (8 * i));
    }
    void put(const char* data, std::size_t size) {
        std::memcpy(bytes_.data() + used_, data, size);
        used_ += size;
    }
    std::array<std::byte, kHeaderBytes> bytes_{};
    std::size_t used_ = 0;
};

HeaderBuilder header(int sample_rate_hz, int channels, std::uint32_t data_bytes) {
    const auto rate = static_cast<std::uint32_t>(sample_rate_hz);
    const auto frame_bytes = static_cast<std::uint32_t>(channels * kBytesPerSample);
    HeaderBuilder h;
    h.text("RIFF");
    h.u32(kHeaderBytes - 8 + data_bytes);
    h.text("WAVE");
    h.text("fmt ");
    h.u32(16);
    h.u16(1);
    h.u16(static_cast<std::uint32_t>(channels));
    h.u32(rate);
    h.u32(rate * frame_bytes);
    h.u16(frame_bytes);
    h.u16(8 * kBytesPerSample);
    h.text("data");
    h.u32(data_bytes);
    return h;
}

}  // namespace

WavWriter::WavWriter(ByteSink& sink, int sample_rate_hz, int channels)
    : sink_(sink), sample_rate_hz_(sample_rate_hz), channels_(channels) {
    sink_.write(header(sample_rate_hz_, channels_, 0).bytes());
}

void WavWriter::write(std::span<const std::int16_t> samples) {
    if ((samples_ + samples.size()) * kBytesPerSample > kMaxDataBytes)
        throw Error(ErrorKind::too_large, "A WAV file cannot hold more than 4 GiB; choose another format.");
    if constexpr (std::endian::native == std::endian::little) {
        sink_.write(std::as_bytes(samples));
    } else {
        std::vector<std::uint16_t> swapped(samples.begin(), samples.end());
        for (auto& s : swapped) s = static_cast<std::uint16_t>((s << 8) | (s >> 8));
        sink_.write(std::as_bytes(std::span(swapped)));
    }
    samples_ += samples.size();
}

void WavWriter::finish() {
    sink_.patch(
        0,
        header(sample_rate_hz_, channels_, static_cast<std::uint32_t>(samples_ * kBytesPerSample)).bytes());
}

double WavWriter::duration_s() const noexcept {
    return static_cast<double>(samples_) / channels_ / sample_rate_hz_;
}

}  // namespace fadeout::audio
