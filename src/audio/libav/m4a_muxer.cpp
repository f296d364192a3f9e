#include "audio/libav/m4a_muxer.h"

#include <algorithm>

namespace fadeout::audio::libav {
namespace {

constexpr std::size_t buffer_bytes = 256 << 10;
constexpr std::uint64_t mdat_header_bytes = 16;
constexpr std::uint64_t free_header_bytes = 8;

Mp4Boxes file_type() {
    Mp4Boxes out;
    out.box("ftyp", [&] {
        out.text("M4A ");
        out.u32(0x200);
        out.text("M4A isomiso2mp42");
    });
    return out;
}

/// With a 64-bit length, which is always there so that it can be patched.
Mp4Boxes data_header(std::uint64_t data_bytes) {
    Mp4Boxes out;
    out.u32(1);
    out.text("mdat");
    out.u64(data_bytes + mdat_header_bytes);
    return out;
}

Mp4Boxes free_header(std::uint64_t size) {
    Mp4Boxes out;
    out.u32(static_cast<std::uint32_t>(size));
    out.text("free");
    return out;
}

}  // namespace

M4aMuxer::M4aMuxer(ByteSink& sink, const MuxerSettings& settings, const AVCodecContext& encoder,
                   std::uint64_t expected_frames)
    : sink_(sink) {
    index_.sample_rate_hz = encoder.sample_rate;
    index_.channels = encoder.ch_layout.nb_channels;
    index_.packet_frames = static_cast<std::uint32_t>(encoder.frame_size);
    index_.priming_frames = static_cast<std::uint32_t>(encoder.initial_padding);
    const auto config =
        std::as_bytes(std::span(encoder.extradata, static_cast<std::size_t>(encoder.extradata_size)));
    index_.codec_config.assign(config.begin(), config.end());
    index_.tags = settings.tags;
    index_.cover_mime_type = settings.cover_mime_type;
    index_.cover.assign(settings.cover.begin(), settings.cover.end());
    write_front(expected_frames);
}

void M4aMuxer::write_front(std::uint64_t expected_frames) {
    const Mp4Boxes type = file_type();
    const std::uint64_t patchable = sink_.patchable_bytes();
    const std::uint64_t fixed = type.data().size() + mdat_header_bytes;
    if (patchable < fixed) {
        throw Error(ErrorKind::invalid,
                    "m4a needs an output that can be patched, which a stream is not. Give a file name, or "
                    "choose mp3, "
                    "opus, flac or wav.");
    }
    if (expected_frames > 0) {
        const std::uint64_t packets = (expected_frames + index_.priming_frames) / index_.packet_frames + 2;
        const std::uint64_t wanted =
            moov(index_).data().size() + mp4_table_bytes(packets) + free_header_bytes;
        if (wanted <= patchable - fixed) reserved_bytes_ = wanted;
    }
    index_.data_offset = fixed + reserved_bytes_;
    buffer_.reserve(buffer_bytes);
    buffer_.insert(buffer_.end(), type.data().begin(), type.data().end());
    buffer_.resize(buffer_.size() + reserved_bytes_ + mdat_header_bytes);
}

void M4aMuxer::write(AVPacket& packet) {
    if (packet.size == 0) return;
    const Bytes bytes = std::as_bytes(std::span(packet.data, static_cast<std::size_t>(packet.size)));
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    index_.packet_bytes.push_back(static_cast<std::uint32_t>(bytes.size()));
    index_.frames = static_cast<std::uint64_t>(std::max<std::int64_t>(packet.pts + packet.duration, 0));
    data_bytes_ += bytes.size();
    if (buffer_.size() >= buffer_bytes) flush();
}

void M4aMuxer::flush() {
    sink_.write(buffer_);
    buffer_.clear();
}

void M4aMuxer::finish() {
    const Mp4Boxes index = moov(index_);
    const std::uint64_t start = index_.data_offset - mdat_header_bytes - reserved_bytes_;
    const std::uint64_t size = index.data().size();
    const bool fits = size == reserved_bytes_ || size + free_header_bytes <= reserved_bytes_;
    if (!fits) buffer_.insert(buffer_.end(), index.data().begin(), index.data().end());
    flush();
    if (fits) sink_.patch(start, index.data());
    const std::uint64_t rest = reserved_bytes_ - (fits ? size : 0);
    if (rest > 0) sink_.patch(start + (fits ? size : 0), free_header(rest).data());
    sink_.patch(index_.data_offset - mdat_header_bytes, data_header(data_bytes_).data());
}

}  // namespace fadeout::audio::libav
