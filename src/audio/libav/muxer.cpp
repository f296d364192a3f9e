#include "audio/libav/muxer.h"

extern "C" {
#include <libavutil/dict.h>
}

#include <algorithm>

#include "audio/libav/error.h"
#include "audio/libav/metadata.h"
#include "audio/libav/picture_size.h"

namespace fadeout::audio::libav {
namespace {

constexpr const char* failed = "The result could not be written.";

struct Dictionary {
    AVDictionary* entries = nullptr;
    ~Dictionary() { av_dict_free(&entries); }
};

}  // namespace

Muxer::Muxer(ByteSink& sink, const MuxerSettings& settings, const AVCodecContext& encoder)
    : io_(sink), encoder_time_base_(encoder.time_base) {
    AVFormatContext* format = nullptr;
    const int made = avformat_alloc_output_context2(&format, nullptr, settings.muxer.c_str(), nullptr);
    libav::check(made, ErrorKind::internal, failed);
    format_.reset(format);
    format->pb = io_.get();
    format->flush_packets = 0;  // the sink gets whole buffers
    format->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_BITEXACT;
    AVStream* stream = avformat_new_stream(format, nullptr);
    check_allocated(stream);
    check(avcodec_parameters_from_context(stream->codecpar, &encoder));
    stream->time_base = encoder.time_base;
    for (const auto& [key, value] : settings.tags)
        av_dict_set(&format->metadata, key.c_str(), value.c_str(), 0);
    if (!settings.cover_mime_type.empty()) add_cover(settings);
    Dictionary options;
    for (const auto& [key, value] : settings.options)
        av_dict_set(&options.entries, key.c_str(), value.c_str(), 0);
    check(avformat_write_header(format, &options.entries));
    if (!settings.cover_mime_type.empty()) write_cover(settings.cover);
}

void Muxer::add_cover(const MuxerSettings& settings) {
    AVStream* stream = avformat_new_stream(format_.get(), nullptr);
    check_allocated(stream);
    stream->disposition |= AV_DISPOSITION_ATTACHED_PIC;
    stream->codecpar->codec_type = AVMEDIA_TYPE_VIDEO;
    stream->codecpar->codec_id = picture_codec(settings.cover_mime_type);
    const PictureSize size = picture_size(settings.cover);
    stream->codecpar->width = size.width;
    stream->codecpar->height = size.height;
    stream->time_base = {1, 90000};
    av_dict_set(&stream->metadata, "comment", "Cover (front)", 0);
}

void Muxer::write_cover(Bytes cover) {
    const Packet packet = make_packet();
    check(av_new_packet(packet.get(), static_cast<int>(cover.size())));
    std::copy(cover.begin(), cover.end(), reinterpret_cast<std::byte*>(packet->data));
    packet->stream_index = 1;
    packet->flags |= AV_PKT_FLAG_KEY;
    packet->pts = packet->dts = 0;
    check(av_write_frame(format_.get(), packet.get()));
}

void Muxer::write(AVPacket& packet) {
    packet.stream_index = 0;
    av_packet_rescale_ts(&packet, encoder_time_base_, format_->streams[0]->time_base);
    check(av_write_frame(format_.get(), &packet));
}

void Muxer::finish() {
    check(av_write_trailer(format_.get()));
    avio_flush(io_.get());
    check(io_.get()->error);
}

void Muxer::check(int code) {
    io_.rethrow();
    libav::check(code, ErrorKind::internal, failed);
}

}  // namespace fadeout::audio::libav
