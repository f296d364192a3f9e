#include "lambda/event.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <optional>

#include "base/base64.h"
#include "base/error.h"
#include "base/text.h"
#include "http/json_body.h"
#include "service/json_text.h"

namespace fadeout::lambda {

namespace {

namespace json = boost::json;

/// Where a body without a path goes: what the function that fadeout replaces did.
constexpr std::string_view bare_path = "/transcode";

Error wrong_type(std::string_view name, std::string_view expected) {
    return {ErrorKind::invalid, "The event's " + std::string(name) + " must be " + std::string(expected)};
}

/// Gateways write null for what they do not have.
const json::value* member(const json::object& from, std::string_view name) {
    const json::value* value = from.if_contains(name);
    return value != nullptr && !value->is_null() ? value : nullptr;
}

const json::object* object_member(const json::object& from, std::string_view name) {
    const json::value* value = member(from, name);
    if (value != nullptr && !value->is_object()) throw wrong_type(name, "an object");
    return value != nullptr ? &value->get_object() : nullptr;
}

std::string text_of(const json::value& value, std::string_view name) {
    if (!value.is_string()) throw wrong_type(name, "text");
    return std::string(value.get_string());
}

std::optional<std::string> text_member(const json::object& from, std::string_view name) {
    const json::value* value = member(from, name);
    if (value == nullptr) return std::nullopt;
    return text_of(*value, name);
}

/// Pairs from the member `many` ({name: [value, ...]}), or where that is missing from `one` ({name: value}).
http::Fields pairs(const json::object& event, std::string_view many, std::string_view one) {
    http::Fields fields;
    if (const json::object* lists = object_member(event, many)) {
        for (const auto& [name, values] : *lists) {
            if (!values.is_array()) throw wrong_type(many, "lists of text");
            for (const json::value& value : values.get_array())
                fields.emplace_back(name, text_of(value, many));
        }
    } else if (const json::object* values = object_member(event, one)) {
        for (const auto& [name, value] : *values) fields.emplace_back(name, text_of(value, one));
    }
    return fields;
}

/// What no request line could hold, encoded; the rest stands as the gateway gave it.
std::string as_target(std::string_view text, bool is_path) {
    std::string target;
    for (const char c : text) {
        const bool visible = c > ' ' && c < 0x7f;
        const bool fits = visible && c != '#' && !(is_path && c == '?');
        target += fits ? std::string(1, c) : percent_encode(std::string_view(&c, 1));
    }
    return target;
}

std::string query_of(const json::object& event) {
    if (const auto raw = text_member(event, "rawQueryString")) return as_target(*raw, false);
    std::string query;
    for (const auto& [name, value] :
         pairs(event, "multiValueQueryStringParameters", "queryStringParameters")) {
        if (!query.empty()) query += '&';
        query += percent_encode(name) + '=' + percent_encode(value);
    }
    return query;
}

/// An HTTP API puts the name of its stage before the path, a REST API does not.
std::string without_stage(std::string path, const json::object& context) {
    const std::string stage = "/" + text_member(context, "stage").value_or("");
    if (stage.size() > 1 && path.starts_with(stage + "/")) path.erase(0, stage.size());
    return path;
}

std::string path_of(const json::object& event, const json::object& context) {
    if (const auto raw = text_member(event, "rawPath")) return without_stage(*raw, context);
    return text_member(event, "path").value_or(std::string(bare_path));
}

std::string method_of(const json::object& event, const json::object& context) {
    if (const auto method = text_member(event, "httpMethod")) return *method;
    const json::object* http = object_member(context, "http");
    return http != nullptr ? text_member(*http, "method").value_or("POST") : "POST";
}

std::string body_of(const json::object& event) {
    const json::value* body = member(event, "body");
    if (body == nullptr) return {};
    if (body->is_object()) return service::json_text(*body);
    std::string text = text_of(*body, "body");
    const json::value* encoded = member(event, "isBase64Encoded");
    if (encoded == nullptr || *encoded == json::value(false)) return text;
    if (!encoded->is_bool()) throw wrong_type("isBase64Encoded", "true or false");
    auto bytes = base64_decode(text);
    if (!bytes) throw wrong_type("body", "base64, as its isBase64Encoded says");
    return std::move(*bytes);
}

http::Request gateway_request(const json::object& event) {
    static const json::object nothing;
    const json::object* given = object_member(event, "requestContext");
    const json::object& context = given != nullptr ? *given : nothing;
    http::Request request;
    request.method = method_of(event, context);
    request.target = as_target(path_of(event, context), true);
    if (const std::string query = query_of(event); !query.empty()) request.target += '?' + query;
    request.headers = pairs(event, "multiValueHeaders", "headers");
    request.body = body_of(event);
    return request;
}

bool is_from_gateway(const json::object& event) {
    constexpr std::string_view marks[] = {"httpMethod", "rawPath", "path", "requestContext", "body"};
    return std::ranges::any_of(marks, [&](std::string_view mark) { return event.contains(mark); });
}

bool is_scheduled(const json::object& event) {
    const json::value* source = member(event, "source");
    return source != nullptr && *source == json::value("aws.events");
}

}  // namespace

Event parse_event(std::string_view text) {
    const json::object event = http::parse_json_object(text);
    if (is_from_gateway(event)) return gateway_request(event);
    if (is_scheduled(event)) return SweepEvent{};
    http::Request request;
    request.method = "POST";
    request.target = bare_path;
    request.body = text;
    return request;
}

std::string format_answer(const http::Response& response) {
    json::object headers;
    for (const auto& [name, value] : response.headers) {
        json::value& held = headers[name];  // one value per name is all that each of the gateways takes
        held = held.is_null() ? value : std::string(held.get_string()) + ", " + value;
    }
    const bool is_text = is_utf8(response.body);
    return service::json_text(json::object{{"statusCode", response.status},
                                           {"headers", std::move(headers)},
                                           {"body", is_text ? response.body : base64_encode(response.body)},
                                           {"isBase64Encoded", !is_text}});
}

}  // namespace fadeout::lambda
