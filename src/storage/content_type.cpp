#include <array>
#include <utility>

#include "base/text.h"
#include "storage/object_store.h"

namespace fadeout::storage {

namespace {
/// Only types that a browser plays or downloads, never one that it would run.
constexpr std::array<std::pair<std::string_view, std::string_view>, 22> types{{
    {"mp3", "audio/mpeg"},  {"wav", "audio/wav"},      {"flac", "audio/flac"},
    {"m4a", "audio/mp4"},   {"m4b", "audio/mp4"},      {"aac", "audio/aac"},
    {"ogg", "audio/ogg"},   {"oga", "audio/ogg"},      {"opus", "audio/ogg"},
    {"aif", "audio/aiff"},  {"aiff", "audio/aiff"},    {"aifc", "audio/aiff"},
    {"caf", "audio/x-caf"}, {"wma", "audio/x-ms-wma"}, {"mka", "audio/x-matroska"},
    {"amr", "audio/amr"},   {"mid", "audio/midi"},     {"weba", "audio/webm"},
    {"webm", "video/webm"}, {"mp4", "video/mp4"},      {"json", "application/json"},
    {"txt", "text/plain"},
}};
}  // namespace

std::string content_type_of(std::string_view file_name) {
    const std::size_t dot = file_name.rfind('.');
    if (dot != std::string_view::npos) {
        const std::string extension = to_lower(file_name.substr(dot + 1));
        for (const auto& [known, type] : types)
            if (known == extension) return std::string(type);
    }
    return "application/octet-stream";
}

}  // namespace fadeout::storage
