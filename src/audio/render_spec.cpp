#include "audio/render_spec.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "base/error.h"

namespace fadeout::audio {
namespace {

constexpr std::array mp3_rates = {8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000};
constexpr std::array m4a_rates = {8000,  11025, 12000, 16000, 22050, 24000,
                                  32000, 44100, 48000, 64000, 88200, 96000};
constexpr std::array opus_rates = {8000, 12000, 16000, 24000, 48000};
/// ISO/IEC 11172-3 and 13818-3, layer III; 2.5 is the encoder's.
constexpr std::array mpeg1_kbps = {32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320};
constexpr std::array mpeg2_kbps = {8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160};
constexpr std::array mpeg25_kbps = {8, 16, 24, 32, 40, 48, 56, 64};

struct Range {
    int low;
    int high;
};
constexpr Range sample_rates_hz = {8'000, 192'000};
constexpr Range m4a_bps = {16'000, 512'000};
constexpr Range opus_bps = {6'000, 510'000};
constexpr int opus_bps_per_channel = 256'000;
constexpr int aac_bits_per_sample = 6;  // 6,144 bits in a frame of 1,024 samples, per channel

[[noreturn]] void refuse(const std::string& why) {
    throw Error(ErrorKind::invalid, why);
}

/// The rates that a format holds; empty where it holds any.
std::span<const int> rates(Format format) {
    switch (format) {
        case Format::mp3:
            return mp3_rates;
        case Format::m4a:
            return m4a_rates;
        case Format::opus:
            return opus_rates;
        case Format::flac:
        case Format::wav:
            break;
    }
    return {};
}

bool contains(std::span<const int> values, int value) {
    return std::ranges::find(values, value) != values.end();
}

std::span<const int> mp3_kbps(int sample_rate_hz) {
    if (sample_rate_hz >= 32000) return mpeg1_kbps;
    if (sample_rate_hz >= 16000) return mpeg2_kbps;
    return mpeg25_kbps;
}

bool mp3_holds(int sample_rate_hz, long long bitrate_bps) {
    const auto kbps = mp3_kbps(sample_rate_hz);
    return bitrate_bps % 1000 == 0 && contains(kbps, static_cast<int>(bitrate_bps / 1000));
}

void check_sample_rate(Format format, int sample_rate_hz) {
    const auto held = rates(format);
    if (held.empty() && (sample_rate_hz < sample_rates_hz.low || sample_rate_hz > sample_rates_hz.high)) {
        refuse(fmt::format("sample_rate must be {} to {} Hz.", sample_rates_hz.low, sample_rates_hz.high));
    }
    if (!held.empty() && !contains(held, sample_rate_hz)) {
        refuse(fmt::format("{} cannot have a sample rate of {} Hz. Accepted: {}.", name(format),
                           sample_rate_hz, fmt::join(held, ", ")));
    }
}

void check_range(Format format, int bitrate_bps, Range accepted) {
    if (bitrate_bps < accepted.low || bitrate_bps > accepted.high) {
        refuse(fmt::format("{} cannot have a bit rate of {}. Accepted: {}k to {}k.", name(format),
                           bitrate_bps, accepted.low / 1000, accepted.high / 1000));
    }
}

void check_mp3_bitrate(int bitrate_bps, const std::optional<int>& sample_rate_hz) {
    if (sample_rate_hz) {
        if (mp3_holds(*sample_rate_hz, bitrate_bps)) return;
        refuse(fmt::format("mp3 at {} Hz cannot have a bit rate of {}. Accepted: {}k.", *sample_rate_hz,
                           bitrate_bps, fmt::join(mp3_kbps(*sample_rate_hz), "k, ")));
    }
    if (mp3_holds(mp3_rates.back(), bitrate_bps) || mp3_holds(mp3_rates.front(), bitrate_bps) ||
        mp3_holds(22050, bitrate_bps)) {
        return;
    }
    refuse(fmt::format(
        "mp3 cannot have a bit rate of {}. Accepted: {}k (and 8k, 16k, 24k, 144k at low sample rates).",
        bitrate_bps, fmt::join(mpeg1_kbps, "k, ")));
}

void check_bitrate(const RenderPlan& plan) {
    switch (plan.format) {
        case Format::mp3:
            return check_mp3_bitrate(*plan.bitrate_bps, plan.sample_rate_hz);
        case Format::m4a:
            return check_range(plan.format, *plan.bitrate_bps, m4a_bps);
        case Format::opus:
            return check_range(plan.format, *plan.bitrate_bps, opus_bps);
        case Format::flac:
        case Format::wav:
            return;
    }
}

int choose_rate(Format format, int source_hz) {
    const auto held = rates(format);
    if (held.empty() || contains(held, source_hz)) return source_hz;
    if (source_hz > held.back()) {
        const auto divides = [&](int rate) { return source_hz % rate == 0; };
        const auto found = std::find_if(held.rbegin(), held.rend(), divides);
        return found != held.rend() && *found * 2 > held.back() ? *found : held.back();
    }
    return *std::ranges::upper_bound(held, source_hz);
}

/// The source's rate, doubled until MP3 can have the bit rate there, or the nearest that can.
int choose_mp3_rate(int source_hz, long long bitrate_bps) {
    const int rate = choose_rate(Format::mp3, source_hz);
    for (int candidate = rate; candidate <= mp3_rates.back(); candidate *= 2) {
        if (mp3_holds(candidate, bitrate_bps)) return candidate;
    }
    const auto distance = [&](int candidate) { return std::abs(candidate - rate); };
    const auto better = [&](int a, int b) {
        const bool holds_a = mp3_holds(a, bitrate_bps);
        return holds_a != mp3_holds(b, bitrate_bps) ? holds_a : distance(a) < distance(b);
    };
    return *std::ranges::min_element(mp3_rates, better);
}

long long default_bitrate(Format format, int sample_rate_hz, int channels) {
    switch (format) {
        case Format::mp3:
            return sample_rate_hz >= 32000 ? 192'000 : sample_rate_hz >= 16000 ? 96'000 : 64'000;
        case Format::m4a:
            return channels == 1 ? 128'000 : 192'000;
        case Format::opus:
            return 128'000;
        case Format::flac:
        case Format::wav:
            break;
    }
    return 0;
}

/// What the codec can spend at all at this rate and with these channels.
long long highest_bitrate(Format format, int sample_rate_hz, int channels) {
    switch (format) {
        case Format::mp3:
            return 320'000;
        case Format::m4a:
            return static_cast<long long>(aac_bits_per_sample) * sample_rate_hz * channels;
        case Format::opus:
            return static_cast<long long>(opus_bps_per_channel) * channels;
        case Format::flac:
        case Format::wav:
            break;
    }
    return 0;
}

}  // namespace

void check(const RenderPlan& plan) {
    if (plan.sample_rate_hz) check_sample_rate(plan.format, *plan.sample_rate_hz);
    if (plan.channels && *plan.channels != 1 && *plan.channels != 2) refuse("channels must be 1 or 2.");
    if (plan.bitrate_bps) check_bitrate(plan);
    if (plan.watermark) check(*plan.watermark);
    if (plan.loudness_lufs && !(*plan.loudness_lufs >= -70 && *plan.loudness_lufs <= -5)) {
        refuse("loudness must be -70 to -5 LUFS.");
    }
}

OutputSpec choose_output(const RenderPlan& plan, const MediaInfo& source, int source_bits_per_sample) {
    check(plan);
    const bool lossless = plan.format == Format::flac || plan.format == Format::wav;
    OutputSpec spec;
    spec.format = plan.format;
    spec.channels = plan.channels.value_or(lossless ? source.channels : std::min(source.channels, 2));
    spec.bits_per_sample = source_bits_per_sample > 16 ? 24 : 16;
    if (plan.sample_rate_hz) {
        spec.sample_rate_hz = *plan.sample_rate_hz;
    } else if (plan.format == Format::mp3 && plan.bitrate_bps) {
        spec.sample_rate_hz = choose_mp3_rate(source.sample_rate_hz, *plan.bitrate_bps);
    } else {
        spec.sample_rate_hz = choose_rate(plan.format, source.sample_rate_hz);
    }
    if (lossless) return spec;
    const long long wanted = plan.bitrate_bps
                                 ? *plan.bitrate_bps
                                 : default_bitrate(plan.format, spec.sample_rate_hz, spec.channels);
    spec.bitrate_bps = std::min(wanted, highest_bitrate(plan.format, spec.sample_rate_hz, spec.channels));
    return spec;
}

}  // namespace fadeout::audio
