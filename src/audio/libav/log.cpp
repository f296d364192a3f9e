#include "audio/libav/log.h"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/log.h>
}

namespace fadeout::audio::libav {
namespace {

void count_errors(void* context, int level, const char*, va_list) {
    if (!context || level > AV_LOG_ERROR) return;
    if (*static_cast<const AVClass**>(context) != avcodec_get_class()) return;
    if (void* counter = static_cast<AVCodecContext*>(context)->opaque)
        ++*static_cast<std::uint64_t*>(counter);
}

}  // namespace

void capture_log() {
    static const bool installed = [] {
        av_log_set_callback(count_errors);
        return true;
    }();
    (void)installed;
}

}  // namespace fadeout::audio::libav
