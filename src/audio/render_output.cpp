#include "audio/render_output.h"

#include "audio/libav/m4a_muxer.h"
#include "audio/libav/muxer.h"

namespace fadeout::audio {
namespace {

/// The Xing frame lies behind the picture and is patched at the end.
constexpr std::uint64_t mp3_header_room_bytes = 256 << 10;
/// A RIFF file tells its sizes in 32 bits; larger ones, and those that may become so, are RF64.
constexpr std::uint64_t largest_riff_bytes = 4'000'000'000;

libav::EncoderSettings encoder_settings(const OutputSpec& spec) {
    libav::EncoderSettings settings;
    settings.sample_rate_hz = spec.sample_rate_hz;
    settings.channels = spec.channels;
    settings.bitrate_bps = spec.bitrate_bps;
    const bool deep = spec.bits_per_sample > 16;
    switch (spec.format) {
        case Format::mp3:
            settings.encoder = "libmp3lame";
            settings.format = AV_SAMPLE_FMT_FLTP;
            break;
        case Format::m4a:
            settings.encoder = "aac";
            settings.format = AV_SAMPLE_FMT_FLTP;
            break;
        case Format::opus:
            settings.encoder = "libopus";
            settings.format = AV_SAMPLE_FMT_FLT;
            break;
        case Format::flac:
            settings.encoder = "flac";
            settings.format = deep ? AV_SAMPLE_FMT_S32 : AV_SAMPLE_FMT_S16;
            settings.bits_per_raw_sample = deep ? 24 : 0;
            break;
        case Format::wav:
            settings.encoder = deep ? "pcm_s24le" : "pcm_s16le";
            settings.format = deep ? AV_SAMPLE_FMT_S32 : AV_SAMPLE_FMT_S16;
            break;
    }
    return settings;
}

const char* muxer_name(Format format) {
    switch (format) {
        case Format::mp3:
            return "mp3";
        case Format::m4a:
            return "m4a";
        case Format::opus:
            return "ogg";
        case Format::flac:
            return "flac";
        case Format::wav:
            return "wav";
    }
    return "";
}

bool holds_picture(Format format, const std::string& mime_type) {
    const bool usual = mime_type == "image/jpeg" || mime_type == "image/png";
    return usual && (format == Format::mp3 || format == Format::m4a || format == Format::flac);
}

void add_cover(libav::MuxerSettings& settings, const ByteSink& sink, const OutputSpec& spec,
               const CoverArt& cover, std::vector<std::string>& warnings) {
    if (!holds_picture(spec.format, cover.mime_type)) return;
    const std::uint64_t patchable = sink.patchable_bytes();
    if (spec.format == Format::mp3 && patchable > 0 &&
        patchable < cover.data.size() + mp3_header_room_bytes) {
        warnings.push_back("The cover picture was left out because it leaves no room for the header.");
        return;
    }
    settings.cover_mime_type = cover.mime_type;
    settings.cover = cover.data;
}

void add_options(libav::MuxerSettings& settings, const ByteSink& sink, const OutputSpec& spec,
                 std::uint64_t expected_frames) {
    if (spec.format != Format::wav || sink.patchable_bytes() == 0) return;
    const auto frame_bytes = static_cast<std::uint64_t>(spec.channels) * (spec.bits_per_sample / 8);
    if (expected_frames == 0 || expected_frames > largest_riff_bytes / frame_bytes) {
        settings.options.emplace_back("rf64", "auto");
    }
}

}  // namespace

std::unique_ptr<libav::Encoder> make_encoder(const OutputSpec& spec) {
    return std::make_unique<libav::SerialEncoder>(encoder_settings(spec));
}

std::unique_ptr<libav::PacketWriter> make_muxer(ByteSink& sink, const OutputSpec& spec, const Decoder& source,
                                                const libav::Encoder& encoder, std::uint64_t expected_frames,
                                                std::vector<std::string>& warnings) {
    libav::MuxerSettings settings;
    settings.muxer = muxer_name(spec.format);
    settings.tags = source.tags();
    if (const CoverArt* cover = source.cover()) add_cover(settings, sink, spec, *cover, warnings);
    add_options(settings, sink, spec, expected_frames);
    if (spec.format == Format::m4a) {
        return std::make_unique<libav::M4aMuxer>(sink, settings, encoder.context(), expected_frames);
    }
    return std::make_unique<libav::Muxer>(sink, settings, encoder.context());
}

std::string codec_name(const OutputSpec& spec) {
    switch (spec.format) {
        case Format::mp3:
            return "mp3";
        case Format::m4a:
            return "aac";
        case Format::opus:
            return "opus";
        case Format::flac:
            return "flac";
        case Format::wav:
            return spec.bits_per_sample > 16 ? "pcm_s24le" : "pcm_s16le";
    }
    return "";
}

}  // namespace fadeout::audio
