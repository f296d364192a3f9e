#include "service/media_type.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"

namespace fadeout::service {

namespace {

constexpr std::array<std::string_view, 6> containers{
    "application/octet-stream", "application/ogg", "video/mp4", "video/ogg", "video/quicktime", "video/webm"};

/// A token of RFC 9110.
bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
    });
}

}  // namespace

bool is_media_type(std::string_view content_type) {
    if (content_type.size() > 255) return false;
    if (std::any_of(content_type.begin(), content_type.end(), [](char c) { return c < 0x20 || c >= 0x7f; }))
        return false;
    const std::string type = to_lower(trim(content_type.substr(0, content_type.find(';'))));
    if (std::find(containers.begin(), containers.end(), type) != containers.end()) return true;
    return type.starts_with("audio/") && is_token(std::string_view(type).substr(6));
}

}  // namespace fadeout::service
