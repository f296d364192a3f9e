#include "audio/libav/audio_decoder.h"

extern "C" {
#include <libavutil/mem.h>
}

#include "audio/libav/demuxer.h"
#include "audio/libav/error.h"

namespace fadeout::audio::libav {

AudioDecoder::AudioDecoder(const AVCodecParameters& parameters, AVRational time_base) {
    const std::string message = std::string("The audio inside is of a kind that cannot be decoded (") +
                                avcodec_get_name(parameters.codec_id) + ").";
    const AVCodec* decoder = avcodec_find_decoder(parameters.codec_id);
    if (!decoder) throw Error(ErrorKind::unprocessable, message);
    codec_.reset(avcodec_alloc_context3(decoder));
    check_allocated(codec_.get());
    check(avcodec_parameters_to_context(codec_.get(), &parameters), ErrorKind::unprocessable, message);
    codec_->pkt_timebase = time_base;
    codec_->thread_count = 1;
    codec_->opaque = logged_errors_.get();
    codec_->codec_whitelist = av_strdup(allowed_decoders);
    codec_->err_recognition |= AV_EF_CRCCHECK;  // FLAC: a damaged frame is reported, not played as noise
    check(avcodec_open2(codec_.get(), decoder, nullptr), ErrorKind::unprocessable, message);
}

bool AudioDecoder::send(const AVPacket* packet) {
    const int code = avcodec_send_packet(codec_.get(), packet);
    if (code == AVERROR(ENOMEM)) throw av_error(code, ErrorKind::too_large, "decode");
    return code >= 0;
}

AudioDecoder::Next AudioDecoder::receive(AVFrame& frame) {
    const int code = avcodec_receive_frame(codec_.get(), &frame);
    if (code == AVERROR(EAGAIN)) return Next::need_packet;
    if (code == AVERROR_EOF) return Next::end;
    if (code == AVERROR(ENOMEM)) throw av_error(code, ErrorKind::too_large, "decode");
    return code < 0 ? Next::damaged : Next::frame;
}

}  // namespace fadeout::audio::libav
