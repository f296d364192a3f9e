#include "http/json_body.h"

#include <boost/json/parse.hpp>

#include "base/error.h"
#include "base/text.h"
#include "service/json_text.h"

namespace fadeout::http {

namespace {

/// Commas and opening brackets outside strings: never less than the values there are, save one.
std::size_t count_values(std::string_view json) {
    std::size_t count = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (c == '"') in_string = !in_string;
        if (in_string && c == '\\') ++i;
        if (!in_string && (c == ',' || c == '{' || c == '[')) ++count;
    }
    return count;
}

}  // namespace

boost::json::object parse_json_object(std::string_view body) {
    if (trim(body).empty()) throw Error(ErrorKind::invalid, "The body is empty; send a JSON object");
    if (count_values(body) > max_json_values)
        throw Error(ErrorKind::invalid,
                    "The JSON has more than " + std::to_string(max_json_values) + " values");
    boost::json::parse_options options;
    options.max_depth = max_json_depth;
    boost::system::error_code error;
    boost::json::value value =
        boost::json::parse(boost::json::string_view(body.data(), body.size()), error, {}, options);
    if (error == boost::json::error::too_deep)
        throw Error(ErrorKind::invalid, "The JSON is nested deeper than " + std::to_string(max_json_depth));
    if (error) throw Error(ErrorKind::invalid, "The body is not valid JSON", error.message());
    if (!value.is_object()) throw Error(ErrorKind::invalid, "The body must be a JSON object");
    return std::move(value.get_object());
}

Response json_response(int status, const boost::json::value& value) {
    return {.status = status,
            .headers = {{"Content-Type", "application/json"}},
            .body = service::json_text(value),
            .object = {},
            .events = {},
            .log_detail = {}};
}

}  // namespace fadeout::http
