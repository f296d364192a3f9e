#include "audio/libav/resampler.h"

extern "C" {
#include <libavutil/opt.h>
}

#include <array>

#include "audio/libav/error.h"

namespace fadeout::audio::libav {
namespace {

constexpr const char* failed = "The audio cannot be converted to the wanted sample rate and channels.";
constexpr int alignment = 64;

}  // namespace

bool SampleSpec::operator==(const SampleSpec& other) const noexcept {
    return format == other.format && sample_rate_hz == other.sample_rate_hz &&
           av_channel_layout_compare(&layout, &other.layout) == 0;
}

AVChannelLayout default_layout(int channels) noexcept {
    AVChannelLayout layout{};
    av_channel_layout_default(&layout, channels);
    return layout;
}

Resampler::Resampler(const SampleSpec& in, const SampleSpec& out) : in_(in), out_(out) {
    SwrContext* swr = nullptr;
    const int made = swr_alloc_set_opts2(&swr, &out_.layout, out_.format, out_.sample_rate_hz, &in_.layout,
                                         in_.format, in_.sample_rate_hz, 0, nullptr);
    swr_.reset(swr);
    check(made, ErrorKind::unprocessable, failed);
    set_mix();
    check(swr_init(swr), ErrorKind::unprocessable, failed);
}

/// libswresample's own matrices turn mono down by 3 dB and let float stereo add up beyond full scale.
void Resampler::set_mix() {
    const int from = in_.layout.nb_channels;
    const int to = out_.layout.nb_channels;
    constexpr std::array<double, 2> same = {1, 1};
    constexpr std::array<double, 2> mean = {0.5, 0.5};
    if (from == 1 && to == 2) check(swr_set_matrix(swr_.get(), same.data(), 1), ErrorKind::internal, failed);
    if (from == 2 && to == 1) check(swr_set_matrix(swr_.get(), mean.data(), 2), ErrorKind::internal, failed);
    if (from > 2)
        check(av_opt_set_double(swr_.get(), "rematrix_maxval", 1.0, 0), ErrorKind::internal, failed);
}

void Resampler::reserve(int frames) {
    if (frames <= capacity_) return;
    const int channels = out_.layout.nb_channels;
    const int bytes = av_samples_get_buffer_size(nullptr, channels, frames, out_.format, alignment);
    check(bytes, ErrorKind::unprocessable, failed);
    buffer_.resize(static_cast<std::size_t>(bytes) + alignment);
    const auto base = reinterpret_cast<std::uintptr_t>(buffer_.data());
    auto* aligned = buffer_.data() + (alignment - base % alignment) % alignment;
    planes_.assign(static_cast<std::size_t>(channels), nullptr);
    check(av_samples_fill_arrays(planes_.data(), nullptr, aligned, channels, frames, out_.format, alignment),
          ErrorKind::internal, failed);
    capacity_ = frames;
}

Resampler::Output Resampler::convert(const std::uint8_t* const* planes, int frames) {
    reserve(check(swr_get_out_samples(swr_.get(), frames), ErrorKind::unprocessable, failed));
    const int got =
        swr_convert(swr_.get(), planes_.data(), capacity_, const_cast<const std::uint8_t**>(planes), frames);
    return {planes_.data(), check(got, ErrorKind::unprocessable, failed)};
}

void Resampler::convert_into(const std::uint8_t* const* planes, int frames, std::uint8_t** out) {
    const int got = swr_convert(swr_.get(), out, frames, const_cast<const std::uint8_t**>(planes), frames);
    check(got, ErrorKind::internal, failed);
}

Resampler::Output Resampler::flush() {
    return convert(nullptr, 0);
}

}  // namespace fadeout::audio::libav
