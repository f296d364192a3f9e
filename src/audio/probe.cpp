#include "audio/decoder.h"
#include "audio/render.h"

namespace fadeout::audio {

MediaInfo probe(ByteSource& source, const Limits& limits) {
    return Decoder(source, limits).info();
}

}  // namespace fadeout::audio
