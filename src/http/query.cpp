#include "http/query.h"

#include <charconv>

#include "base/error.h"

namespace fadeout::http {

std::size_t limit_parameter(const Request& request) {
    const auto text = request.query_value("limit");
    if (!text) return 50;
    std::size_t limit = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
    if (error != std::errc() || end != text->data() + text->size() || limit < 1 || limit > 1000)
        throw Error(ErrorKind::invalid, "limit must be a whole number from 1 to 1000");
    return limit;
}

}  // namespace fadeout::http
