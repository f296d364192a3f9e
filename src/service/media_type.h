#pragma once
#include <string_view>

namespace fadeout::service {

/// May a link carry or ask for this Content-Type? Audio, the containers that hold it, and unspecific bytes:
/// nothing that a browser would run as a page or script on the server's own origin. Parameters (";
/// codecs=opus") are allowed.
bool is_media_type(std::string_view content_type);

}  // namespace fadeout::service
