#include "audio/libav/claim.h"

extern "C" {
#include <libavcodec/codec_desc.h>
}

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "audio/libav/wav_promise.h"

namespace fadeout::audio::libav {
namespace {

/// Some WAV writers count a header's bytes as audio.
constexpr std::uint64_t exact_tolerance_frames = 64;

/// How well a container knows its length. Where tracks share one duration or it counts in milliseconds,
/// loosely.
enum class Precision { exact, codec_frames, loose };

Precision precision(std::string_view container, const AVCodecParameters& parameters) {
    if (container.starts_with("matroska")) return Precision::loose;
    if (container == "mp3" || container == "ogg" || container.starts_with("mov"))
        return Precision::codec_frames;
    const AVCodecDescriptor* codec = avcodec_descriptor_get(parameters.codec_id);
    const bool lossless = codec && (codec->props & AV_CODEC_PROP_LOSSLESS);
    return lossless ? Precision::exact : Precision::codec_frames;
}

std::uint64_t tolerance(Precision precision, const AVCodecParameters& parameters, int sample_rate_hz) {
    const auto rate = static_cast<std::uint64_t>(sample_rate_hz);
    switch (precision) {
        case Precision::exact:
            return exact_tolerance_frames;
        case Precision::codec_frames:
            return std::max<std::uint64_t>(3 * static_cast<std::uint64_t>(std::max(parameters.frame_size, 0)),
                                           rate / 20);
        case Precision::loose:
            return rate / 2;
    }
    return 0;
}

/// "iTunSMPB": hexadecimal fields; the second is the priming, the fourth the count of true samples.
std::optional<std::uint64_t> itunes_length(const AVFormatContext& format) {
    const AVDictionaryEntry* entry = av_dict_get(format.metadata, "iTunSMPB", nullptr, 0);
    if (!entry) return std::nullopt;
    const char* text = entry->value;
    std::uint64_t field = 0;
    for (int i = 0; i < 4; ++i) {
        char* end = nullptr;
        field = std::strtoull(text, &end, 16);
        if (end == text) return std::nullopt;
        text = end;
    }
    return field > 0 ? std::optional(field) : std::nullopt;
}

bool several_tracks(const AVFormatContext& format) {
    const auto is_track = [](const AVStream* stream) {
        return !(stream->disposition & AV_DISPOSITION_ATTACHED_PIC);
    };
    return std::count_if(format.streams, format.streams + format.nb_streams, is_track) > 1;
}

std::uint64_t rescale(std::int64_t value, AVRational base, int sample_rate_hz) {
    return static_cast<std::uint64_t>(
        std::max<std::int64_t>(av_rescale_q(value, base, {1, sample_rate_hz}), 0));
}

std::optional<std::uint64_t> promised_frames(Demuxer& demuxer, Bytes head, Precision known,
                                             int sample_rate_hz) {
    const AVFormatContext& format = demuxer.format();
    const AVStream& stream = demuxer.audio();
    const std::string_view container = format.iformat->name;
    if (container == "wav") return wav_promised_frames(head);
    if (container == "caf" && known == Precision::exact && stream.nb_frames > 0) return stream.nb_frames;
    if (format.duration_estimation_method == AVFMT_DURATION_FROM_BITRATE) return std::nullopt;
    if (known == Precision::loose) {
        if (format.duration <= 0 || several_tracks(format)) return std::nullopt;
        return rescale(format.duration, AV_TIME_BASE_Q, sample_rate_hz);
    }
    if (stream.duration <= 0) return std::nullopt;
    return rescale(stream.duration, stream.time_base, sample_rate_hz);
}

}  // namespace

Claim read_claim(Demuxer& demuxer, Bytes head, int sample_rate_hz) {
    const AVFormatContext& format = demuxer.format();
    const AVStream& stream = demuxer.audio();
    const std::string_view container = format.iformat->name;
    const Precision known = precision(container, *stream.codecpar);
    Claim claim;
    claim.tolerance_frames = tolerance(known, *stream.codecpar, sample_rate_hz);
    claim.padding_in_last_packet = container.starts_with("mov");
    claim.frames = promised_frames(demuxer, head, known, sample_rate_hz);
    if (claim.frames) {
        claim.duration_s = static_cast<double>(*claim.frames) / sample_rate_hz;
    } else if (stream.duration > 0) {
        claim.duration_s = static_cast<double>(stream.duration) * av_q2d(stream.time_base);
    } else if (format.duration > 0) {
        claim.duration_s = static_cast<double>(format.duration) / AV_TIME_BASE;
    }
    const auto told = itunes_length(format);
    if (told && claim.frames && *told <= *claim.frames &&
        *told + 2 * claim.tolerance_frames > *claim.frames) {
        claim.exact_end = told;
    }
    return claim;
}

void check_complete(const Claim& claim, std::uint64_t frames, int sample_rate_hz) {
    const double rate = sample_rate_hz;
    if (claim.frames && frames + claim.tolerance_frames < *claim.frames) {
        throw Error(
            ErrorKind::unprocessable,
            fmt::format(
                "The file is cut off or damaged: it promises {:.2f} s of audio but holds only {:.2f} s.",
                static_cast<double>(*claim.frames) / rate, static_cast<double>(frames) / rate));
    }
}

}  // namespace fadeout::audio::libav
