#pragma once
#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace fadeout::service {

/// Members of a request body. Each returns nothing where the member is missing or null, and throws
/// Error(invalid) naming the member where it has another type or is out of range.
std::optional<std::string> string_member(const boost::json::object& body, std::string_view name);
std::optional<double> number_member(const boost::json::object& body, std::string_view name);
/// A whole number from `low` to `high`; "200" is not a number.
std::optional<int> integer_member(const boost::json::object& body, std::string_view name, int low, int high);
std::optional<bool> bool_member(const boost::json::object& body, std::string_view name);
/// The object itself; null where it is missing. Owned by `body`.
const boost::json::object* object_member(const boost::json::object& body, std::string_view name);

/// A pitch or project id as a key or metadata may hold it: [A-Za-z0-9_-]{1,64}; a JSON whole number is taken
/// as its digits, since existing callers send both. Nothing where it is missing, null or "".
std::optional<std::string> id_member(const boost::json::object& body, std::string_view name);

}  // namespace fadeout::service
