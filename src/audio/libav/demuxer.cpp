#include "audio/libav/demuxer.h"

extern "C" {
#include <libavutil/mem.h>
}

#include "audio/libav/error.h"
#include "audio/libav/log.h"

namespace fadeout::audio::libav {

const char* const allowed_decoders =
    "aac,ac3,adpcm_ima_qt,adpcm_ima_wav,adpcm_ms,alac,amrnb,amrwb,ape,eac3,flac,gsm_ms,mp1float,mp2float,"
    "mp3float,"
    "opus,pcm_alaw,pcm_f32be,pcm_f32le,pcm_f64be,pcm_f64le,pcm_mulaw,pcm_s16be,pcm_s16le,pcm_s24be,pcm_s24le,"
    "pcm_s32be,pcm_s32le,pcm_s8,pcm_u8,speex,tta,vorbis,wavpack";

namespace {

/// Not ASF and W64, among others: one that was cut off could not be told from a whole one.
constexpr const char* allowed_containers =
    "aac,ac3,aiff,amr,ape,au,caf,eac3,flac,matroska,mov,mp3,ogg,tta,wav,wv";
constexpr int max_streams = 64;
constexpr unsigned max_index_bytes = 4096;  // of positions to seek to, which nobody does: memory stays flat

int deny_open(AVFormatContext*, AVIOContext**, const char*, int, AVDictionary**) {
    return AVERROR(EACCES);
}

}  // namespace

Demuxer::Demuxer(ByteSource& source, std::uint64_t max_bytes) : io_(source, max_bytes) {
    if (source.size().value_or(0) > max_bytes)
        throw Error(ErrorKind::too_large, "The input is larger than allowed.");
    capture_log();
    open();
    const int found = av_find_best_stream(format_.get(), AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0);
    if (found < 0) refuse(found);
    audio_ = found;
    for (unsigned i = 0; i < format_->nb_streams; ++i) {
        if (static_cast<int>(i) != audio_) format_->streams[i]->discard = AVDISCARD_ALL;
    }
}

void Demuxer::open() {
    AVFormatContext* format = avformat_alloc_context();
    check_allocated(format);
    format->pb = io_.get();
    format->io_open = deny_open;
    format->protocol_whitelist = av_strdup("");
    format->format_whitelist = av_strdup(allowed_containers);
    format->codec_whitelist = av_strdup(allowed_decoders);
    format->max_streams = max_streams;
    format->max_index_size = max_index_bytes;
    const int opened = avformat_open_input(&format, nullptr, nullptr, nullptr);  // frees `format` on failure
    if (opened < 0) refuse(opened);
    format_.reset(format);
    const int described = avformat_find_stream_info(format_.get(), nullptr);
    if (described < 0) refuse(described);
    io_.rethrow();
}

void Demuxer::refuse(int code) const {
    io_.rethrow();
    if (io_.refused_seek()) {
        throw av_error(
            code, ErrorKind::unprocessable,
            "This file keeps its index at the end, so it cannot be read as a stream. Give a file or a "
            "link that answers range requests, or move the index to the front.");
    }
    throw av_error(code, ErrorKind::unprocessable,
                   "This is not audio that can be read. Send mp3, wav, flac, ogg, opus, aac, m4a or aiff.");
}

const AVStream* Demuxer::cover() const noexcept {
    for (unsigned i = 0; i < format_->nb_streams; ++i) {
        const AVStream* stream = format_->streams[i];
        if ((stream->disposition & AV_DISPOSITION_ATTACHED_PIC) && stream->attached_pic.size > 0)
            return stream;
    }
    return nullptr;
}

Demuxer::Next Demuxer::read(AVPacket& packet) {
    for (;;) {
        av_packet_unref(&packet);
        const int code = av_read_frame(format_.get(), &packet);
        io_.rethrow();
        if (code == AVERROR(EAGAIN)) continue;
        if (code < 0 && io_.refused_seek()) refuse(code);
        if (code == AVERROR(ENOMEM)) throw av_error(code, ErrorKind::too_large, "demux");
        if (code < 0) return code == AVERROR_EOF ? Next::end : Next::damaged_end;
        if (packet.stream_index == audio_) return Next::packet;
    }
}

}  // namespace fadeout::audio::libav
