#include "service/json_text.h"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <iterator>

namespace fadeout::service {

namespace {

void append(std::string& out, const boost::json::value& value) {
    std::string_view separator;
    if (const auto* object = value.if_object()) {
        out += '{';
        for (const auto& [name, member] : *object) {
            out += separator;
            out += boost::json::serialize(name);
            out += ':';
            append(out, member);
            separator = ",";
        }
        out += '}';
    } else if (const auto* array = value.if_array()) {
        out += '[';
        for (const auto& element : *array) {
            out += separator;
            append(out, element);
            separator = ",";
        }
        out += ']';
    } else if (const auto* number = value.if_double()) {
        fmt::format_to(std::back_inserter(out), "{:#}", *number);
    } else {
        out += boost::json::serialize(value);
    }
}

}  // namespace

std::string json_text(const boost::json::value& value) {
    std::string out;
    append(out, value);
    return out;
}

}  // namespace fadeout::service
