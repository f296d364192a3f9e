#include "service/remote_answer.h"

#include <fmt/format.h>

#include <boost/json/parse.hpp>

#include "base/base64.h"
#include "base/error.h"
#include "base/text.h"
#include "service/fields.h"

namespace fadeout::service {

namespace {

constexpr std::size_t max_quoted_characters = 200;

[[noreturn]] void refuse(const std::string& why) {
    throw Error(ErrorKind::bad_source, "The remote function " + why);
}

/// The start of what the function wrote, on one line, with all links masked: it was given a signed one.
std::string quote(std::string_view text) {
    const std::string line =
        is_utf8(text) ? mask_links(text.substr(0, 16 * max_quoted_characters)) : "(no text)";
    return std::string(first_characters(line, max_quoted_characters));
}

boost::json::value parse_json(std::string_view text) {
    boost::system::error_code failure;
    boost::json::value value = boost::json::parse(text, failure);
    if (failure) refuse(fmt::format("answered no JSON: \"{}\"", quote(text)));
    return value;
}

/// Why it failed, in its own words.
std::string reason(const boost::json::object& answer) {
    for (const std::string_view name : {"error", "errorMessage", "message"})
        if (const auto* text = answer.if_contains(name); text != nullptr && text->is_string())
            return ": " + quote(text->get_string());
    return ".";
}

void check_status(std::int64_t status, const boost::json::object& answer) {
    if (status < 200 || status > 299)
        refuse(fmt::format("answered with status {}{}", status, reason(answer)));
}

/// The text of an envelope's body, which may be base64.
std::string decoded(const boost::json::object& envelope, std::string_view body) {
    if (!bool_member(envelope, "isBase64Encoded").value_or(false)) return std::string(body);
    auto text = base64_decode(body);
    if (!text) refuse("answered an envelope whose body is not the base64 that it claims to be.");
    return std::move(*text);
}

/// The object inside a proxy integration's envelope, or `value` itself.
boost::json::object unwrap(boost::json::value value) {
    if (const auto* outer = value.if_object(); outer != nullptr && outer->contains("statusCode")) {
        const auto* status = outer->at("statusCode").if_int64();
        const auto* body = outer->if_contains("body");
        if (status == nullptr || body == nullptr) refuse("answered an envelope without statusCode and body.");
        boost::json::value inner =
            body->is_string() ? parse_json(decoded(*outer, body->get_string())) : *body;
        if (!inner.is_object()) refuse("answered an envelope without an object in it.");
        check_status(*status, inner.get_object());
        return std::move(inner.get_object());
    }
    if (!value.is_object()) refuse("answered JSON that is no object.");
    return std::move(value.get_object());
}

}  // namespace

RemoteAnswer parse_remote_answer(int status, std::string_view body) {
    if (status < 200 || status > 299)
        refuse(fmt::format("answered with status {}: \"{}\"", status, quote(body)));
    const boost::json::object answer = unwrap(parse_json(body));
    const auto* error = answer.if_contains("error");
    const bool has_error = answer.contains("errorMessage") || (error != nullptr && !error->is_null());
    if (!bool_member(answer, "success").value_or(!has_error)) refuse("failed" + reason(answer));
    RemoteAnswer out;
    out.direct_upload = bool_member(answer, "direct_upload").value_or(false);
    out.s3_key = string_member(answer, "s3_key").value_or("");
    out.output_url = string_member(answer, "output_url").value_or("");
    out.watermarked = bool_member(answer, "watermarked");
    if (const auto* files = answer.if_contains("temp_files"); files != nullptr && files->is_array())
        for (const boost::json::value& file : files->get_array())
            if (file.is_string()) out.temp_files.emplace_back(file.get_string());
    return out;
}

}  // namespace fadeout::service
