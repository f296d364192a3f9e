#include "audio/decoder.h"
#include "audio/render.h"
#include "base/pause.h"

namespace fadeout::audio {

MediaInfo probe(ByteSource& source, const Limits& limits) {
    return Decoder(source, limits).info();
}

MediaInfo measure(ByteSource& source, const Limits& limits, const std::stop_token& stop) {
    Decoder decoder(source, limits);
    AudioBlock block;
    while (decoder.info().duration_is_estimated && decoder.read(block))
        require_going_on(stop, "measuring of the source");
    return decoder.info();
}

}  // namespace fadeout::audio
