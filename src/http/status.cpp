#include "http/status.h"

#include <algorithm>
#include <boost/json/object.hpp>

#include "http/json_body.h"

namespace fadeout::http {

namespace {

/// S3's error codes. Source: Amazon S3 API Reference, "Error responses".
std::string_view s3_code(int status) noexcept {
    switch (status) {
        case 400:
            return "InvalidRequest";
        case 403:
            return "AccessDenied";
        case 404:
            return "NoSuchKey";
        case 405:
            return "MethodNotAllowed";
        case 408:
            return "RequestTimeout";
        case 411:
            return "MissingContentLength";
        case 413:
            return "EntityTooLarge";
        case 416:
            return "InvalidRange";
        case 429:
        case 503:
            return "SlowDown";
        case 507:
            return "InsufficientStorage";
        default:
            return status < 500 ? "InvalidRequest" : "InternalError";
    }
}

std::string escape_xml(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            default:
                out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
        }
    }
    return out;
}

bool is_code(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    });
}

std::string s3_error(int status, std::string_view message) {
    std::string_view code = s3_code(status);
    const std::size_t colon = message.find(": ");
    if (colon != std::string_view::npos && is_code(message.substr(0, colon))) {
        code = message.substr(0, colon);
        message.remove_prefix(colon + 2);
    }
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>" + std::string(code) +
           "</Code><Message>" + escape_xml(message) + "</Message></Error>\n";
}

}  // namespace

int http_status(ErrorKind kind) noexcept {
    switch (kind) {
        case ErrorKind::invalid:
            return 400;
        case ErrorKind::denied:
            return 403;
        case ErrorKind::not_found:
            return 404;
        case ErrorKind::conflict:
            return 409;
        case ErrorKind::too_large:
            return 413;
        case ErrorKind::unsupported:
            return 415;
        case ErrorKind::unprocessable:
            return 422;
        case ErrorKind::busy:
            return 429;
        case ErrorKind::bad_source:
            return 502;
        case ErrorKind::unavailable:
        case ErrorKind::misconfigured:
            return 503;
        case ErrorKind::timeout:
            return 504;
        case ErrorKind::storage_full:
            return 507;
        case ErrorKind::cancelled:
        case ErrorKind::internal:
            return 500;
    }
    return 500;
}

std::string_view reason_phrase(int status) noexcept {
    switch (status) {
        case 100:
            return "Continue";
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 206:
            return "Partial Content";
        case 304:
            return "Not Modified";
        case 307:
            return "Temporary Redirect";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 411:
            return "Length Required";
        case 413:
            return "Content Too Large";
        case 415:
            return "Unsupported Media Type";
        case 416:
            return "Range Not Satisfiable";
        case 422:
            return "Unprocessable Content";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 502:
            return "Bad Gateway";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        case 505:
            return "HTTP Version Not Supported";
        case 507:
            return "Insufficient Storage";
        default:
            return "Status";
    }
}

ErrorStyle error_style(std::string_view path) noexcept {
    const auto under = [&](std::string_view root) {
        return path.starts_with(root) && (path.size() == root.size() || path[root.size()] == '/');
    };
    if (under("/objects")) return ErrorStyle::xml;
    if (under("/tts") || under("/voices")) return ErrorStyle::detail;
    return ErrorStyle::error;
}

Response error_response(ErrorStyle style, int status, std::string_view message) {
    Response response;
    if (style == ErrorStyle::xml) {
        response.headers = {{"Content-Type", "application/xml"}};
        response.body = s3_error(status, message);
    } else {
        const std::string_view member = style == ErrorStyle::detail ? "detail" : "error";
        response = json_response(status, boost::json::object{{member, message}});
    }
    response.status = status;
    if (status == 429 || status == 503) response.headers.emplace_back("Retry-After", "1");
    return response;
}

Response error_response(ErrorStyle style, const Error& error) {
    Response response = error_response(style, http_status(error.kind()), error.what());
    response.log_detail = error.detail();
    return response;
}

Error unexpected(const std::exception& exception) {
    return {ErrorKind::internal, "Internal error; the log tells more under this request's id",
            exception.what()};
}

}  // namespace fadeout::http
