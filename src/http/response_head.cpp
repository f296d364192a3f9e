#include "http/response_head.h"

#include "base/http_date.h"
#include "http/status.h"

namespace fadeout::http {

namespace {

void add(std::string& head, std::string_view name, std::string_view value) {
    head += name;
    head += ": ";
    for (const char c : value)
        if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) head += c;
    head += "\r\n";
}

/// Formatting a date costs more than the rest of a head, and it changes once per second.
const std::string& date_of(Time now) {
    thread_local std::chrono::sys_seconds cached_second;
    thread_local std::string cached;
    const auto second = std::chrono::floor<std::chrono::seconds>(now);
    if (cached.empty() || second != cached_second) {
        cached_second = second;
        cached = format_http_date(now);
    }
    return cached;
}

}  // namespace

std::string format_head(const Response& response, const HeadContext& context) {
    std::string head;
    head.reserve(512);
    head += "HTTP/1.1 ";
    head += std::to_string(response.status);
    head += ' ';
    head += reason_phrase(response.status);
    head += "\r\n";
    add(head, "Server", "fadeout");
    add(head, "Date", date_of(context.now));
    for (const auto& [name, value] : response.headers) add(head, name, value);
    for (const auto& [name, value] : context.cors) add(head, name, value);
    add(head, "X-Request-Id", context.request_id);
    if (context.chunked) {
        if (context.http_minor > 0) add(head, "Transfer-Encoding", "chunked");
    } else if (response.status != 204 && response.status != 304) {
        add(head, "Content-Length", std::to_string(response.content_length()));
    }
    if (!context.keep_alive)
        add(head, "Connection", "close");
    else if (context.http_minor == 0)
        add(head, "Connection", "keep-alive");
    head += "\r\n";
    return head;
}

}  // namespace fadeout::http
