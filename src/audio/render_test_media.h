#pragma once
#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>
#include <string>
#include <vector>

#include "audio/decoder.h"
#include "audio/render.h"
#include "base/byte_stream.h"
#include "base/error.h"

/// Media for tests, made here: WAV by hand, everything else by render().
namespace fadeout::audio::testing {

using FileBytes = std::vector<std::byte>;

inline void put(FileBytes& out, std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i) out.push_back(static_cast<std::byte>(value >> (8 * i)));
}
inline void put(FileBytes& out, std::string_view text) {
    const Bytes bytes = as_bytes(text);
    out.insert(out.end(), bytes.begin(), bytes.end());
}

struct Shape {
    int sample_rate_hz = 44100;
    int channels = 2;
    int bits = 16;
};

/// A WAV file of interleaved integers of `shape.bits`.
inline FileBytes wav(const std::vector<std::int32_t>& samples, const Shape& shape) {
    const int sample_bytes = shape.bits / 8;
    const int block = shape.channels * sample_bytes;
    const auto data_bytes = samples.size() * static_cast<std::size_t>(sample_bytes);
    FileBytes out;
    put(out, "RIFF");
    put(out, 36 + data_bytes, 4);
    put(out, "WAVEfmt ");
    put(out, 16, 4);
    put(out, 1, 2);
    put(out, static_cast<std::uint64_t>(shape.channels), 2);
    put(out, static_cast<std::uint64_t>(shape.sample_rate_hz), 4);
    put(out, static_cast<std::uint64_t>(shape.sample_rate_hz) * static_cast<std::uint64_t>(block), 4);
    put(out, static_cast<std::uint64_t>(block), 2);
    put(out, static_cast<std::uint64_t>(shape.bits), 2);
    put(out, "data");
    put(out, data_bytes, 4);
    for (const std::int32_t sample : samples) put(out, static_cast<std::uint32_t>(sample), sample_bytes);
    return out;
}

/// Tones that differ per channel, with some noise, so that every bit is used. Always the same for the same
/// arguments.
inline std::vector<std::int32_t> tones(std::size_t frames, const Shape& shape, double level = 0.4) {
    std::mt19937 random(7);
    std::uniform_real_distribution<double> noise(-0.1, 0.1);
    const double full = std::ldexp(1.0, shape.bits - 1) - 1;
    std::vector<std::int32_t> samples;
    samples.reserve(frames * static_cast<std::size_t>(shape.channels));
    for (std::size_t i = 0; i < frames; ++i) {
        const double t = static_cast<double>(i) / shape.sample_rate_hz;
        for (int channel = 0; channel < shape.channels; ++channel) {
            const double tone = std::sin(2 * std::numbers::pi * (330 + 110 * channel) * t);
            samples.push_back(static_cast<std::int32_t>(full * level * (tone + noise(random)) / 1.1));
        }
    }
    return samples;
}

inline FileBytes tone_wav(std::size_t frames, const Shape& shape = {}) {
    return wav(tones(frames, shape), shape);
}

struct Rendered {
    FileBytes bytes;
    RenderResult result;
};

inline Rendered render_all(const FileBytes& input, const RenderPlan& plan, const Limits& limits = {}) {
    MemorySource source(input);
    MemorySink sink;
    RenderResult result = render(source, sink, plan, limits, {}, {});
    return {sink.take(), std::move(result)};
}

inline FileBytes render_to(Format format, const FileBytes& input) {
    RenderPlan plan;
    plan.format = format;
    return render_all(input, plan).bytes;
}

struct Decoded {
    MediaInfo info;
    std::vector<std::vector<float>> channels;
    std::vector<std::string> warnings;
    std::size_t frames() const { return channels.empty() ? 0 : channels.front().size(); }
};

inline Decoded decode_all(ByteSource& source, const Limits& limits = {}) {
    Decoder decoder(source, limits);
    Decoded out;
    out.channels.resize(static_cast<std::size_t>(decoder.info().channels));
    AudioBlock block;
    while (decoder.read(block)) {
        for (std::size_t i = 0; i < out.channels.size(); ++i) {
            out.channels[i].insert(out.channels[i].end(), block.channels[i],
                                   block.channels[i] + block.frames);
        }
    }
    out.info = decoder.info();
    out.warnings = decoder.warnings();
    return out;
}

inline Decoded decode_all(const FileBytes& bytes, const Limits& limits = {}) {
    MemorySource source(bytes);
    return decode_all(source, limits);
}

inline FileBytes first_part(const FileBytes& bytes, double share) {
    return {bytes.begin(),
            bytes.begin() + static_cast<std::ptrdiff_t>(static_cast<double>(bytes.size()) * share)};
}

/// Like standard input: no size, no way back, and first bytes that come in bits.
class StreamSource final : public ByteSource {
  public:
    explicit StreamSource(FileBytes bytes) : bytes_(std::move(bytes)) {}
    std::optional<std::uint64_t> size() const override { return std::nullopt; }
    bool seekable() const override { return false; }
    std::size_t read_at(std::uint64_t offset, std::span<std::byte> out) override {
        if (offset != next_) throw Error(ErrorKind::internal, "jumped in a stream");
        const std::size_t got = bytes_.read_at(offset, next_ < 9 ? out.first(3) : out);
        next_ += got;
        return got;
    }

  private:
    MemorySource bytes_;
    std::uint64_t next_ = 0;
};

/// Lets only the first bytes be patched, and insists on it.
class WindowSink final : public ByteSink {
  public:
    explicit WindowSink(std::uint64_t patchable) : patchable_(patchable) {}
    void write(Bytes data) override { memory_.write(data); }
    void patch(std::uint64_t offset, Bytes data) override {
        if (offset + data.size() > patchable_)
            throw Error(ErrorKind::internal, "patched outside of the window");
        memory_.patch(offset, data);
    }
    std::uint64_t patchable_bytes() const override { return patchable_; }
    const FileBytes& data() const { return memory_.data(); }

  private:
    MemorySink memory_;
    std::uint64_t patchable_;
};

/// An MP3 without the frame that would tell its length, as an encoder writes it into a pipe. The second half
/// has five times the first one's bit rate, so that an estimate from the beginning is far off.
inline FileBytes mp3_without_length(std::size_t frames) {
    FileBytes out;
    for (const int bitrate_bps : {64'000, 320'000}) {
        RenderPlan plan;
        plan.bitrate_bps = bitrate_bps;
        MemorySource half(tone_wav(frames / 2));
        WindowSink stream(0);
        render(half, stream, plan, {}, {}, {});
        out.insert(out.end(), stream.data().begin(), stream.data().end());
    }
    return out;
}

inline std::string text_at(const FileBytes& bytes, std::size_t at, std::size_t size) {
    return {reinterpret_cast<const char*>(bytes.data()) + at, size};
}

inline std::size_t find_text(const FileBytes& bytes, std::string_view text) {
    return std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()).find(text);
}

}  // namespace fadeout::audio::testing
