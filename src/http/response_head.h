#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace fadeout::http {

/// What the connection knows and the handler does not.
struct HeadContext {
    std::string_view request_id;
    const Fields& cors;
    int http_minor = 1;
    bool keep_alive = true;
    bool chunked = false;  ///< the length is not known beforehand
    Time now;
};

/// The status line and all fields, up to and including the empty line. Control characters in values are left
/// out.
std::string format_head(const Response& response, const HeadContext& context);

}  // namespace fadeout::http
