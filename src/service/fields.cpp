#include "service/fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/value.hpp>
#include <cmath>

#include "base/error.h"
#include "base/text.h"

namespace fadeout::service {

namespace {

const boost::json::value* member(const boost::json::object& body, std::string_view name) {
    const auto* value = body.if_contains(name);
    return value == nullptr || value->is_null() ? nullptr : value;
}

[[noreturn]] void wrong(std::string_view name, std::string_view expected) {
    throw Error(ErrorKind::invalid, fmt::format("{} must be {}", name, expected));
}

bool is_id_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

}  // namespace

std::optional<std::string> string_member(const boost::json::object& body, std::string_view name) {
    const auto* value = member(body, name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_string()) wrong(name, "a string");
    std::string text(value->get_string());
    if (!is_utf8(text)) wrong(name, "valid UTF-8 text");
    return text;
}

std::optional<double> number_member(const boost::json::object& body, std::string_view name) {
    const auto* value = member(body, name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_number()) wrong(name, "a number");
    const double number = value->to_number<double>();
    if (!std::isfinite(number)) wrong(name, "a finite number");
    return number;
}

std::optional<int> integer_member(const boost::json::object& body, std::string_view name, int low, int high) {
    const auto number = number_member(body, name);
    if (!number) return std::nullopt;
    if (*number != std::floor(*number) || *number < low || *number > high)
        wrong(name, fmt::format("a whole number from {} to {}", low, high));
    return static_cast<int>(*number);
}

std::optional<bool> bool_member(const boost::json::object& body, std::string_view name) {
    const auto* value = member(body, name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_bool()) wrong(name, "true or false");
    return value->get_bool();
}

const boost::json::object* object_member(const boost::json::object& body, std::string_view name) {
    const auto* value = member(body, name);
    if (value == nullptr) return nullptr;
    if (!value->is_object()) wrong(name, "an object");
    return &value->get_object();
}

std::optional<std::string> id_member(const boost::json::object& body, std::string_view name) {
    const auto* value = member(body, name);
    if (value == nullptr) return std::nullopt;
    std::string id;
    if (value->is_string()) {
        id = std::string(value->get_string());
    } else if (value->is_int64() && value->get_int64() >= 0) {
        id = std::to_string(value->get_int64());
    } else {
        wrong(name, "a string or a whole number");
    }
    if (id.empty()) return std::nullopt;
    if (id.size() > 64 || !std::all_of(id.begin(), id.end(), is_id_character))
        wrong(name, "1 to 64 letters, digits, '_' or '-'");
    return id;
}

}  // namespace fadeout::service
