#pragma once
extern "C" {
#include <libavutil/channel_layout.h>
#include <libavutil/samplefmt.h>
#include <libswresample/swresample.h>
}

#include <cstdint>
#include <memory>
#include <vector>

namespace fadeout::audio::libav {

struct ResamplerDeleter {
    void operator()(SwrContext* swr) const noexcept { swr_free(&swr); }
};

/// What samples look like. Layouts of a native order only, so that it can be copied freely.
struct SampleSpec {
    AVSampleFormat format = AV_SAMPLE_FMT_NONE;
    int sample_rate_hz = 0;
    AVChannelLayout layout{};

    bool operator==(const SampleSpec& other) const noexcept;
};

/// The usual layout of so many channels.
AVChannelLayout default_layout(int channels) noexcept;

/// libswresample: sample format, rate and channels in one step. Mono becomes two equal channels at the same
/// level, stereo becomes its mean; more channels are mixed down so that full scale cannot be exceeded. Output
/// buffers belong to the resampler and live until the next call.
class Resampler {
  public:
    Resampler(const SampleSpec& in, const SampleSpec& out);

    struct Output {
        std::uint8_t** planes;
        int frames;
    };
    Output convert(const std::uint8_t* const* planes, int frames);
    /// Into the caller's buffers, which hold `frames`: for a change of sample format alone.
    void convert_into(const std::uint8_t* const* planes, int frames, std::uint8_t** out);
    /// What is left inside; call it once, after the last convert().
    Output flush();
    const SampleSpec& in() const noexcept { return in_; }

  private:
    void set_mix();
    void reserve(int frames);

    SampleSpec in_;
    SampleSpec out_;
    std::unique_ptr<SwrContext, ResamplerDeleter> swr_;
    std::vector<std::uint8_t> buffer_;
    std::vector<std::uint8_t*> planes_;
    int capacity_ = 0;
};

}  // namespace fadeout::audio::libav
