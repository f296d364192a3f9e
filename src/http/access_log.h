#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "http/options.h"

namespace fadeout::http {

/// One request, when it is over.
struct AccessEntry {
    Time time;
    std::string client;  ///< address without port
    std::string method;
    std::string target;       ///< raw; masked when it is formatted
    std::string route{};      ///< its pattern; empty where none was found
    int status = 0;           ///< 499: the client went away before the answer
    std::uint64_t bytes = 0;  ///< of the body that was sent
    std::chrono::microseconds took{};
    std::string request_id;
    std::string detail;  ///< private detail of an error
};

/// `text` fit for a log: no control characters, and no signature of a link that it may hold.
std::string masked(std::string_view text);

/// "127.0.0.1 GET /objects/b/k?X-Amz-Signature=*** 200 1048576 B 3.2 ms 6f1c..."
std::string format_text(const AccessEntry& entry);
/// {"time", "level", "message": "request", "client", "method", "path", "status", "bytes", "ms", "request_id",
/// "detail"?}
std::string format_json(const AccessEntry& entry);

/// One line of the log, as an error where the status is 5xx.
void write(spdlog::logger& log, LogFormat format, const AccessEntry& entry);

}  // namespace fadeout::http
