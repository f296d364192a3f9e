#include "config/valid.h"

#include <algorithm>

#include "base/error.h"
#include "config/settings.h"

namespace fadeout::config {

namespace {

bool is_web_origin(std::string_view text) {
    const std::size_t scheme = text.starts_with("https://") ? 8 : text.starts_with("http://") ? 7 : 0;
    return scheme != 0 && text.size() > scheme &&
           text.find_first_of("/?#@ ,", scheme) == std::string_view::npos;
}

}  // namespace

bool is_listen_address(std::string_view text) {
    try {
        parse_listen(text);
        return true;
    } catch (const Error&) {
        return false;
    }
}

bool is_base_url(std::string_view text) {
    while (text.ends_with('/')) text.remove_suffix(1);
    const std::size_t path = text.find('/', 8);
    if (path != std::string_view::npos && text.find_first_of("?#@ ", path) != std::string_view::npos)
        return false;
    return is_web_origin(text.substr(0, path));
}

bool is_processor(std::string_view text) {
    if (text.starts_with("arn:")) return text.find_first_of(" /?#@") == std::string_view::npos;
    const std::size_t path = std::min(text.find_first_of("/?", 8), text.size());
    return is_web_origin(text.substr(0, path)) && text.find_first_of("# ", path) == std::string_view::npos;
}

bool is_cors_origin(std::string_view text) {
    return text == "*" || is_web_origin(text);
}

bool is_not_empty(std::string_view text) {
    return !text.empty();
}

bool is_bucket(std::string_view text) {
    return text.size() >= 3 && text.size() <= 63 && text.front() != '-' && text.front() != '.' &&
           text.back() != '-' && text.back() != '.' &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-.") == std::string_view::npos;
}

bool is_region(std::string_view text) {
    return !text.empty() &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") ==
               std::string_view::npos;
}

bool is_time_of_day(std::string_view text) {
    const auto is_digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; };
    if (text.size() != 5 || text[2] != ':' || !is_digit(0) || !is_digit(1) || !is_digit(3) || !is_digit(4))
        return false;
    return text.substr(0, 2) < "24" && text.substr(3) < "60";
}

bool is_folder(std::string_view text) {
    return text.size() > 1 && text.ends_with('/') && !text.starts_with('/');
}

}  // namespace fadeout::config
