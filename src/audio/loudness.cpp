#include "audio/loudness.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace fadeout::audio {
namespace {

constexpr double highest_true_peak_db = -1;

void check(int code) {
    if (code != EBUR128_SUCCESS) throw Error(ErrorKind::internal, "The loudness could not be measured.");
}

}  // namespace

void LoudnessMeter::Deleter::operator()(ebur128_state* state) const noexcept {
    ebur128_destroy(&state);
}

LoudnessMeter::LoudnessMeter(int sample_rate_hz, int channels)
    : state_(ebur128_init(static_cast<unsigned>(channels), static_cast<unsigned long>(sample_rate_hz),
                          EBUR128_MODE_I | EBUR128_MODE_TRUE_PEAK | EBUR128_MODE_HISTOGRAM)) {
    if (!state_) throw Error(ErrorKind::unprocessable, "The loudness of such audio cannot be measured.");
}

void LoudnessMeter::add(std::span<const float* const> channels, std::size_t frames) {
    interleaved_.resize(frames * channels.size());
    for (std::size_t channel = 0; channel < channels.size(); ++channel) {
        for (std::size_t i = 0; i < frames; ++i)
            interleaved_[i * channels.size() + channel] = channels[channel][i];
    }
    check(ebur128_add_frames_float(state_.get(), interleaved_.data(), frames));
}

Loudness LoudnessMeter::result() const {
    Loudness loudness;
    check(ebur128_loudness_global(state_.get(), &loudness.integrated_lufs));
    for (unsigned channel = 0; channel < state_.get()->channels; ++channel) {
        double peak = 0;
        check(ebur128_true_peak(state_.get(), channel, &peak));
        loudness.true_peak = std::max(loudness.true_peak, peak);
    }
    return loudness;
}

double loudness_gain(const Loudness& measured, double target_lufs) noexcept {
    if (!std::isfinite(measured.integrated_lufs) || measured.true_peak <= 0) return 1;
    const double wanted = std::pow(10.0, (target_lufs - measured.integrated_lufs) / 20);
    const double highest = std::pow(10.0, highest_true_peak_db / 20) / measured.true_peak;
    return std::min(wanted, highest);
}

}  // namespace fadeout::audio
