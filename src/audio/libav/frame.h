#pragma once
extern "C" {
#include <libavcodec/packet.h>
#include <libavutil/frame.h>
}

#include <memory>

#include "audio/libav/error.h"

namespace fadeout::audio::libav {

struct FrameDeleter {
    void operator()(AVFrame* frame) const noexcept { av_frame_free(&frame); }
};
struct PacketDeleter {
    void operator()(AVPacket* packet) const noexcept { av_packet_free(&packet); }
};
using Frame = std::unique_ptr<AVFrame, FrameDeleter>;
using Packet = std::unique_ptr<AVPacket, PacketDeleter>;

inline Frame make_frame() {
    Frame frame(av_frame_alloc());
    check_allocated(frame.get());
    return frame;
}

inline Packet make_packet() {
    Packet packet(av_packet_alloc());
    check_allocated(packet.get());
    return packet;
}

}  // namespace fadeout::audio::libav
