#pragma once
#include <string_view>

namespace fadeout::config {

// What the values of text settings may look like.

bool is_not_empty(std::string_view text);
bool is_listen_address(std::string_view text);  ///< as parse_listen() reads it
bool is_base_url(std::string_view text);   ///< http:// or https://, a host, perhaps a path; no query, no user
bool is_processor(std::string_view text);  ///< an http(s) URL without user and fragment, or "arn:..."
bool is_cors_origin(std::string_view text);  ///< "*" or scheme://host[:port]
bool is_bucket(std::string_view text);       ///< Amazon S3's rules for bucket names, in outline
bool is_region(std::string_view text);
bool is_time_of_day(std::string_view text);  ///< "HH:MM"
/// "name/" or "name/name/". Only the shape: which folders may be temporary is decided by cleanup/temporary.h.
bool is_folder(std::string_view text);

}  // namespace fadeout::config
