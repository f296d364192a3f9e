#include "audio/libav/metadata.h"

extern "C" {
#include <libavutil/mem.h>
}

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"

namespace fadeout::audio::libav {
namespace {

constexpr std::size_t max_tag_bytes = 16 << 10;

/// What people wrote about the music. Everything else (encoder, brands, iTunSMPB, replay gain of another
/// file) would be wrong in the result.
constexpr std::array<std::string_view, 18> kept = {
    "title",     "artist",    "album", "album_artist", "comment",     "composer",
    "copyright", "date",      "disc",  "genre",        "language",    "lyrics",
    "performer", "publisher", "track", "grouping",     "description", "isrc"};

struct Picture {
    AVCodecID codec;
    std::string_view mime_type;
};
constexpr std::array<Picture, 5> pictures = {{{AV_CODEC_ID_MJPEG, "image/jpeg"},
                                              {AV_CODEC_ID_PNG, "image/png"},
                                              {AV_CODEC_ID_GIF, "image/gif"},
                                              {AV_CODEC_ID_BMP, "image/bmp"},
                                              {AV_CODEC_ID_WEBP, "image/webp"}}};

}  // namespace

std::vector<std::pair<std::string, std::string>> read_tags(const AVFormatContext& format,
                                                           const AVStream& stream) {
    std::vector<std::pair<std::string, std::string>> tags;
    for (const std::string_view key : kept) {
        const AVDictionaryEntry* entry = av_dict_get(format.metadata, key.data(), nullptr, 0);
        if (!entry) entry = av_dict_get(stream.metadata, key.data(), nullptr, 0);
        if (!entry) continue;
        const std::string_view value(entry->value);
        if (!value.empty() && value.size() <= max_tag_bytes && is_utf8(value)) tags.emplace_back(key, value);
    }
    return tags;
}

std::string picture_mime_type(AVCodecID codec) {
    const auto* found = std::ranges::find(pictures, codec, &Picture::codec);
    return found == pictures.end() ? std::string() : std::string(found->mime_type);
}

AVCodecID picture_codec(const std::string& mime_type) {
    const auto* found = std::ranges::find(pictures, mime_type, &Picture::mime_type);
    return found == pictures.end() ? AV_CODEC_ID_NONE : found->codec;
}

void limit_allocations(std::uint64_t bytes) noexcept {
    av_max_alloc(bytes);
}

}  // namespace fadeout::audio::libav
