#include "audio/libav/encoder.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "audio/libav/error.h"

namespace fadeout::audio::libav {
namespace {

constexpr const char* failed = "The audio could not be encoded.";
constexpr int pcm_frame_size = 8192;  // any will do; large enough that calls cost nothing
constexpr int most_channels = 8;

}  // namespace

SerialEncoder::SerialEncoder(const EncoderSettings& settings) : frame_(make_frame()), packet_(make_packet()) {
    open(settings);
    frame_size_ = codec_->frame_size > 0 ? codec_->frame_size : pcm_frame_size;
    frame_->format = codec_->sample_fmt;
    frame_->sample_rate = codec_->sample_rate;
    frame_->nb_samples = frame_size_;
    check(av_channel_layout_copy(&frame_->ch_layout, &codec_->ch_layout), ErrorKind::internal, failed);
    check(av_frame_get_buffer(frame_.get(), 0), ErrorKind::internal, failed);
    if (codec_->sample_fmt != AV_SAMPLE_FMT_FLTP) {
        const AVChannelLayout layout = default_layout(settings.channels);
        converter_ = std::make_unique<Resampler>(SampleSpec{AV_SAMPLE_FMT_FLTP, codec_->sample_rate, layout},
                                                 SampleSpec{codec_->sample_fmt, codec_->sample_rate, layout});
    }
}

void SerialEncoder::open(const EncoderSettings& settings) {
    const AVCodec* encoder = avcodec_find_encoder_by_name(settings.encoder.c_str());
    if (!encoder) throw Error(ErrorKind::internal, failed, "no encoder " + settings.encoder);
    codec_.reset(avcodec_alloc_context3(encoder));
    check_allocated(codec_.get());
    codec_->sample_fmt = settings.format;
    codec_->sample_rate = settings.sample_rate_hz;
    codec_->time_base = {1, settings.sample_rate_hz};
    codec_->ch_layout = default_layout(settings.channels);
    codec_->bits_per_raw_sample = settings.bits_per_raw_sample;
    codec_->thread_count = 1;
    codec_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
    if (settings.bitrate_bps > 0) codec_->bit_rate = settings.bitrate_bps;
    check(avcodec_open2(codec_.get(), encoder, nullptr), ErrorKind::invalid,
          "The encoder refuses these settings. Choose another bit rate or sample rate.");
}

void SerialEncoder::encode(std::span<const float* const> channels, std::size_t frames, PacketWriter& out) {
    for (std::size_t done = 0; done < frames;) {
        const auto room = static_cast<std::size_t>(frame_size_ - filled_);
        done +=
            static_cast<std::size_t>(append(channels, done, static_cast<int>(std::min(room, frames - done))));
        if (filled_ == frame_size_) send(frame_.get(), out);
    }
}

/// Puts samples behind those that the frame already holds.
int SerialEncoder::append(std::span<const float* const> channels, std::size_t offset, int count) {
    check(av_frame_make_writable(frame_.get()), ErrorKind::internal, failed);
    std::array<const std::uint8_t*, most_channels> in{};
    std::array<std::uint8_t*, most_channels> out{};
    const bool planar = av_sample_fmt_is_planar(codec_->sample_fmt);
    const auto step = static_cast<std::size_t>(av_get_bytes_per_sample(codec_->sample_fmt)) *
                      (planar ? 1 : channels.size());
    for (std::size_t i = 0; i < channels.size(); ++i) {
        in[i] = reinterpret_cast<const std::uint8_t*>(channels[i] + offset);
        if (planar || i == 0) out[i] = frame_->extended_data[i] + step * static_cast<std::size_t>(filled_);
    }
    if (converter_) {
        converter_->convert_into(in.data(), count, out.data());
    } else {
        for (std::size_t i = 0; i < channels.size(); ++i) {
            std::memcpy(out[i], in[i], sizeof(float) * static_cast<std::size_t>(count));
        }
    }
    filled_ += count;
    return count;
}

void SerialEncoder::finish(PacketWriter& out) {
    if (filled_ > 0) send(frame_.get(), out);
    send(nullptr, out);
}

void SerialEncoder::send(AVFrame* frame, PacketWriter& out) {
    if (frame) {
        frame->nb_samples = filled_;
        frame->pts = sent_;
        sent_ += filled_;
        filled_ = 0;
    }
    check(avcodec_send_frame(codec_.get(), frame), ErrorKind::internal, failed);
    if (frame) frame->nb_samples = frame_size_;
    for (;;) {
        const int code = avcodec_receive_packet(codec_.get(), packet_.get());
        if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return;
        check(code, ErrorKind::internal, failed);
        out.write(*packet_);
        av_packet_unref(packet_.get());
    }
}

}  // namespace fadeout::audio::libav
