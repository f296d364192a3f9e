#include "audio/render.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "audio/decoder.h"
#include "audio/loudness.h"
#include "audio/render_output.h"
#include "audio/render_spec.h"
#include "audio/render_steps.h"
#include "base/error.h"
#include "base/pause.h"

namespace fadeout::audio {
namespace {

constexpr double progress_step = 0.01;
/// Decoding alone takes about this share of the whole where the source is read twice.
constexpr double measuring_share = 0.2;
/// Estimates from the bit rate may be off; an index that turns out larger than its place goes behind the
/// audio.
constexpr double estimate_margin = 1.05;

class CountingSink final : public ByteSink {
  public:
    explicit CountingSink(ByteSink& sink) : sink_(sink) {}
    void write(Bytes data) override {
        sink_.write(data);
        written_ += data.size();
    }
    void patch(std::uint64_t offset, Bytes data) override { sink_.patch(offset, data); }
    std::uint64_t patchable_bytes() const override { return sink_.patchable_bytes(); }
    std::uint64_t written() const noexcept { return written_; }

  private:
    ByteSink& sink_;
    std::uint64_t written_ = 0;
};

/// Tells how far decoding is, within [from, to] of the whole work, in steps that are worth telling.
class Progress {
  public:
    Progress(const OnProgress& on_progress, double from, double to)
        : tell_(on_progress), from_(from), to_(to) {}

    void at(const Decoder& decoder) {
        const double seconds = decoder.info().duration_s;
        if (!tell_ || seconds <= 0) return;
        const double done = static_cast<double>(decoder.position()) / decoder.info().sample_rate_hz / seconds;
        const double fraction = from_ + (to_ - from_) * std::min(done, 1.0);
        if (fraction < told_ + progress_step) return;
        told_ = fraction;
        tell_(fraction);
    }

  private:
    const OnProgress& tell_;
    double from_;
    double to_;
    double told_ = 0;
};

bool needs_resampling(const MediaInfo& source, const OutputSpec& spec) {
    return source.sample_rate_hz != spec.sample_rate_hz || source.channels != spec.channels;
}

using Steps = std::vector<std::unique_ptr<Step>>;

/// The way of the samples from decoder to encoder, in this order.
Steps make_steps(const MediaInfo& source, const OutputSpec& spec, double gain, const RenderPlan& plan) {
    Steps steps;
    if (needs_resampling(source, spec)) steps.push_back(make_resample_step(source, spec));
    if (gain != 1) steps.push_back(make_gain_step(gain));
    if (plan.watermark) steps.push_back(make_watermark_step(*plan.watermark, spec.sample_rate_hz));
    return steps;
}

/// Sends a block through the steps from `first` on; `out` hears what arrives behind the last.
template <class Out>
void pass(const Steps& steps, std::size_t first, AudioBlock block, Out&& out) {
    for (std::size_t i = first; i < steps.size() && block.frames > 0; ++i) block = steps[i]->process(block);
    if (block.frames > 0) out(block);
}

/// The whole source through the steps.
template <class Out>
void run(Decoder& decoder, const Steps& steps, Progress progress, const std::stop_token& stop, Out&& out) {
    AudioBlock block;
    while (decoder.read(block)) {
        require_going_on(stop, "rendering");
        pass(steps, 0, block, out);
        progress.at(decoder);
    }
    for (std::size_t i = 0; i < steps.size(); ++i) pass(steps, i + 1, steps[i]->finish(), out);
}

/// First pass of two: the loudness of what would be encoded, then one factor for all of it.
double measure_gain(ByteSource& source, const RenderPlan& plan, const Limits& limits,
                    const OnProgress& on_progress, const std::stop_token& stop) {
    if (!source.seekable()) {
        throw Error(
            ErrorKind::invalid,
            "loudness needs a source that can be read twice. Give a file, or a link that answers range "
            "requests.");
    }
    Decoder decoder(source, limits);
    const OutputSpec spec = choose_output(plan, decoder.info(), decoder.bits_per_sample());
    RenderPlan unmarked = plan;
    unmarked.watermark.reset();
    LoudnessMeter meter(spec.sample_rate_hz, spec.channels);
    run(decoder, make_steps(decoder.info(), spec, 1, unmarked), Progress(on_progress, 0, measuring_share),
        stop, [&](const AudioBlock& block) { meter.add(block.channels, block.frames); });
    return loudness_gain(meter.result(), *plan.loudness_lufs);
}

/// Samples per channel that the result will have, about; 0 where the source does not tell.
std::uint64_t expected_frames(const Decoder& decoder, const OutputSpec& spec) {
    const double seconds = decoder.claimed_frames() ? static_cast<double>(*decoder.claimed_frames()) /
                                                          decoder.info().sample_rate_hz
                                                    : decoder.info().duration_s * estimate_margin;
    return static_cast<std::uint64_t>(std::ceil(seconds * spec.sample_rate_hz));
}

MediaInfo describe(const OutputSpec& spec, std::uint64_t frames, std::uint64_t bytes) {
    MediaInfo info;
    info.duration_s = static_cast<double>(frames) / spec.sample_rate_hz;
    info.bitrate_bps = spec.format == Format::mp3
                           ? spec.bitrate_bps
                           : std::llround(static_cast<double>(bytes) * 8 / info.duration_s);
    info.codec = codec_name(spec);
    info.sample_rate_hz = spec.sample_rate_hz;
    info.channels = spec.channels;
    return info;
}

}  // namespace

RenderResult render(ByteSource& source, ByteSink& sink, const RenderPlan& plan, const Limits& limits,
                    const OnProgress& on_progress, std::stop_token stop) {
    check(plan);
    require_going_on(stop, "rendering");
    const double gain = plan.loudness_lufs ? measure_gain(source, plan, limits, on_progress, stop) : 1;

    Decoder decoder(source, limits);
    const OutputSpec spec = choose_output(plan, decoder.info(), decoder.bits_per_sample());
    const Steps steps = make_steps(decoder.info(), spec, gain, plan);
    const auto encoder = make_encoder(spec);
    CountingSink counted(sink);
    RenderResult result;
    const auto muxer =
        make_muxer(counted, spec, decoder, *encoder, expected_frames(decoder, spec), result.warnings);

    std::uint64_t frames = 0;
    run(decoder, steps, Progress(on_progress, plan.loudness_lufs ? measuring_share : 0, 1), stop,
        [&](const AudioBlock& block) {
            encoder->encode(block.channels, block.frames, *muxer);
            frames += block.frames;
        });
    encoder->finish(*muxer);
    muxer->finish();
    if (on_progress) on_progress(1);

    result.input = decoder.info();
    result.output_bytes = counted.written();
    result.output = describe(spec, frames, result.output_bytes);
    result.warnings.insert(result.warnings.end(), decoder.warnings().begin(), decoder.warnings().end());
    return result;
}

}  // namespace fadeout::audio
