#include "audio/render_steps.h"

#include <algorithm>
#include <array>
#include <vector>

#include "audio/libav/resampler.h"
#include "audio/watermark.h"

namespace fadeout::audio {
namespace {

class ResampleStep final : public Step {
  public:
    ResampleStep(const MediaInfo& source, const OutputSpec& spec)
        : resampler_({AV_SAMPLE_FMT_FLTP, source.sample_rate_hz, libav::default_layout(source.channels)},
                     {AV_SAMPLE_FMT_FLTP, spec.sample_rate_hz, libav::default_layout(spec.channels)}),
          planes_(static_cast<std::size_t>(spec.channels)) {}

    AudioBlock process(const AudioBlock& in) override {
        std::array<const std::uint8_t*, 8> planes{};
        for (std::size_t i = 0; i < in.channels.size(); ++i) {
            planes[i] = reinterpret_cast<const std::uint8_t*>(in.channels[i]);
        }
        return block(resampler_.convert(planes.data(), static_cast<int>(in.frames)));
    }
    AudioBlock finish() override { return block(resampler_.flush()); }

  private:
    AudioBlock block(const libav::Resampler::Output& out) {
        for (std::size_t i = 0; i < planes_.size(); ++i)
            planes_[i] = reinterpret_cast<const float*>(out.planes[i]);
        return {planes_, static_cast<std::size_t>(out.frames)};
    }

    libav::Resampler resampler_;
    std::vector<const float*> planes_;
};

/// Copies a block, because a decoder's samples are not ours to change, and lets edit() work on the copy.
class EditingStep : public Step {
  public:
    AudioBlock process(const AudioBlock& in) override {
        samples_.resize(in.channels.size() * in.frames);
        planes_.resize(in.channels.size());
        for (std::size_t i = 0; i < planes_.size(); ++i) {
            planes_[i] = samples_.data() + i * in.frames;
            std::copy_n(in.channels[i], in.frames, planes_[i]);
        }
        edit(planes_, in.frames);
        return {{planes_.data(), planes_.size()}, in.frames};
    }

  private:
    virtual void edit(std::span<float* const> channels, std::size_t frames) = 0;

    std::vector<float> samples_;
    std::vector<float*> planes_;
};

class GainStep final : public EditingStep {
  public:
    explicit GainStep(double factor) : factor_(static_cast<float>(factor)) {}

  private:
    void edit(std::span<float* const> channels, std::size_t frames) override {
        for (float* samples : channels) {
            for (std::size_t i = 0; i < frames; ++i) samples[i] *= factor_;
        }
    }

    float factor_;
};

class WatermarkStep final : public EditingStep {
  public:
    WatermarkStep(const Watermark& watermark, int sample_rate_hz) : bursts_(watermark, sample_rate_hz) {}

  private:
    void edit(std::span<float* const> channels, std::size_t frames) override {
        bursts_.mix(channels, frames, position_);
        position_ += frames;
    }

    BurstGenerator bursts_;
    std::uint64_t position_ = 0;
};

}  // namespace

std::unique_ptr<Step> make_resample_step(const MediaInfo& source, const OutputSpec& spec) {
    return std::make_unique<ResampleStep>(source, spec);
}

std::unique_ptr<Step> make_gain_step(double factor) {
    return std::make_unique<GainStep>(factor);
}

std::unique_ptr<Step> make_watermark_step(const Watermark& watermark, int sample_rate_hz) {
    return std::make_unique<WatermarkStep>(watermark, sample_rate_hz);
}

}  // namespace fadeout::audio
