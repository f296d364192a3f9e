#include "audio/waveform.h"

#include "audio/decoder.h"
#include "audio/waveform_maxima.h"
#include "audio/waveform_pixels.h"
#include "base/error.h"

namespace fadeout::audio {
namespace {

constexpr int kMaxPeaks = 10'000;

void check(const AudiowaveformOptions& options) {
    if (options.samples_per_pixel < 2 || options.samples_per_pixel > 1'000'000)
        throw Error(ErrorKind::invalid, "samples_per_pixel must be from 2 to 1000000.");
    if (options.bits != 8 && options.bits != 16) throw Error(ErrorKind::invalid, "bits must be 8 or 16.");
}

/// Hands every block to `take` until the end.
template <typename Take>
void decode_all(Decoder& decoder, const std::stop_token& stop, const Take& take) {
    AudioBlock block;
    while (decoder.read(block)) {
        if (stop.stop_requested()) throw Error(ErrorKind::cancelled, "The waveform was cancelled.");
        take(block);
    }
}

}  // namespace

Peaks peaks(ByteSource& source, int count, const Limits& limits, std::stop_token stop) {
    if (count < 1 || count > kMaxPeaks)
        throw Error(ErrorKind::invalid, "peaks_count must be from 1 to 10000.");
    Decoder decoder(source, limits);
    BinMaxima maxima(count, decoder.claimed_frames());
    decode_all(decoder, stop, [&](const AudioBlock& block) { maxima.add(block.channels, block.frames); });
    return {.duration_s = static_cast<double>(decoder.position()) / decoder.info().sample_rate_hz,
            .maxima = maxima.finish()};
}

Audiowaveform audiowaveform(ByteSource& source, const AudiowaveformOptions& options, const Limits& limits,
                            std::stop_token stop) {
    check(options);
    Decoder decoder(source, limits);
    PixelExtremes extremes(options.samples_per_pixel, options.bits);
    decode_all(decoder, stop, [&](const AudioBlock& block) { extremes.add(block.channels, block.frames); });
    return {.sample_rate_hz = decoder.info().sample_rate_hz,
            .samples_per_pixel = options.samples_per_pixel,
            .bits = options.bits,
            .min_max = extremes.finish()};
}

}  // namespace fadeout::audio
