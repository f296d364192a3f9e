#pragma once
#include <cstdint>
#include <memory>

#include "audio/decoder.h"
#include "audio/render_spec.h"

namespace fadeout::audio {

/// One step between decoder and encoder. Blocks that it hands out live until its next call.
class Step {
  public:
    virtual ~Step() = default;
    /// May hand out fewer or more samples than went in, or none.
    virtual AudioBlock process(const AudioBlock& in) = 0;
    /// What is left inside, after the last block.
    virtual AudioBlock finish() { return {}; }
};

/// To the output's rate and channels.
std::unique_ptr<Step> make_resample_step(const MediaInfo& source, const OutputSpec& spec);
/// One linear factor for all samples.
std::unique_ptr<Step> make_gain_step(double factor);
/// Bursts are added at absolute positions; what lies between keeps its bits.
std::unique_ptr<Step> make_watermark_step(const Watermark& watermark, int sample_rate_hz);

}  // namespace fadeout::audio
