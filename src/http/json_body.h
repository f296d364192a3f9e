#pragma once
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string_view>

#include "http/message.h"

namespace fadeout::http {

inline constexpr std::size_t max_json_depth = 32;
/// Members, elements and nested containers together: bounds the memory that a small body can unfold into.
inline constexpr std::size_t max_json_values = 10'000;

/// The JSON object that a body holds, whatever its Content-Type says. Error(invalid) for anything else: no
/// JSON, JSON that is no object, deeper or with more values than allowed.
boost::json::object parse_json_object(std::string_view body);

Response json_response(int status, const boost::json::value& value);

}  // namespace fadeout::http
