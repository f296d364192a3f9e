#pragma once
#include "base/byte_stream.h"

namespace fadeout::audio::libav {

struct PictureSize {
    int width = 0;
    int height = 0;
};

/// Reads the size from a PNG or JPEG header (PNG: ISO/IEC 15948, 11.2.2; JPEG: ITU T.81, B.2.2), without
/// decoding. 0 x 0 for anything else.
PictureSize picture_size(Bytes picture) noexcept;

}  // namespace fadeout::audio::libav
