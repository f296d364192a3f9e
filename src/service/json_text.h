#pragma once
#include <boost/json/value.hpp>
#include <string>

namespace fadeout::service {

/// `value` as JSON text (RFC 8259). Unlike boost::json::serialize it writes numbers the way people do: 0.78
/// and not 7.8E-1, as the shortest text that reads back as the same double; a double always has a point or an
/// exponent.
std::string json_text(const boost::json::value& value);

}  // namespace fadeout::service
