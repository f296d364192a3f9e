// Whatever bytes come as media, seekable or not, decoding ends with audio or an Error of a kind that blames
// the media, within the limits.
#include <algorithm>
#include <cstdlib>
#include <vector>

#include "audio/decoder.h"
#include "base/error.h"

using namespace fadeout;

namespace {

class Stream final : public ByteSource {
  public:
    explicit Stream(std::vector<std::byte> bytes) : bytes_(std::move(bytes)) {}
    std::optional<std::uint64_t> size() const override { return std::nullopt; }
    bool seekable() const override { return false; }
    std::size_t read_at(std::uint64_t offset, std::span<std::byte> out) override {
        return bytes_.read_at(offset, out.first(std::min<std::size_t>(out.size(), 1000)));
    }

  private:
    MemorySource bytes_;
};

void decode(ByteSource& source) {
    audio::Limits limits;
    limits.input_bytes = 1 << 20;
    limits.duration = std::chrono::seconds(20);
    limits.decoded_bytes = 16 << 20;
    limits.allocation_bytes = 4 << 20;
    try {
        audio::Decoder decoder(source, limits);
        audio::AudioBlock block;
        volatile float sample = 0;  // reads the ends of every block, for the sanitizer to see
        while (decoder.read(block)) {
            for (const float* samples : block.channels) sample = samples[0] + samples[block.frames - 1];
        }
        if (decoder.position() == 0 && sample == 0) std::abort();
    } catch (const Error& error) {
        const bool blames_media =
            error.kind() == ErrorKind::unprocessable || error.kind() == ErrorKind::too_large;
        if (!blames_media) std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    const std::vector<std::byte> copy(bytes.begin(), bytes.end());
    MemorySource file(copy);
    decode(file);
    Stream stream(copy);
    decode(stream);
    return 0;
}
