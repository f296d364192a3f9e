#include "audio/libav/error.h"

extern "C" {
#include <libavutil/error.h>
}

#include <array>

namespace fadeout::audio::libav {

Error av_error(int code, ErrorKind kind, const std::string& public_message) {
    if (code == AVERROR(ENOMEM)) {
        return {ErrorKind::too_large,
                "The media asks for more memory than is allowed. It is probably damaged.", public_message};
    }
    std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
    av_strerror(code, text.data(), text.size());
    return {kind, public_message, text.data()};
}

int check(int code, ErrorKind kind, const std::string& public_message) {
    if (code < 0) throw av_error(code, kind, public_message);
    return code;
}

void check_allocated(const void* pointer) {
    if (!pointer) throw av_error(AVERROR(ENOMEM), ErrorKind::too_large, "allocation");
}

}  // namespace fadeout::audio::libav
