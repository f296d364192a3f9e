#include "http/access_log.h"

#include <fmt/format.h>
#include <spdlog/logger.h>

#include <boost/json/object.hpp>

#include "base/text.h"
#include "service/json_text.h"

namespace fadeout::http {

namespace {

double milliseconds(std::chrono::microseconds took) {
    return static_cast<double>(took.count()) / 1000.0;
}

std::string printable(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte >= 0x7f)
            out += fmt::format("\\x{:02x}", byte);
        else
            out += c;
    }
    return out;
}

}  // namespace

std::string masked(std::string_view text) {
    return mask_links(printable(text));
}

std::string format_text(const AccessEntry& entry) {
    std::string line = fmt::format("{} {} {} {} {} B {:.1f} ms {}", entry.client, masked(entry.method),
                                   masked(mask_url(entry.target)), entry.status, entry.bytes,
                                   milliseconds(entry.took), entry.request_id);
    if (!entry.detail.empty()) line += " (" + masked(entry.detail) + ")";
    return line;
}

std::string format_json(const AccessEntry& entry) {
    boost::json::object line{{"time", utc_timestamp(entry.time)},
                             {"level", entry.status >= 500 ? "error" : "info"},
                             {"message", "request"},
                             {"client", entry.client},
                             {"method", masked(entry.method)},
                             {"path", masked(mask_url(entry.target))},
                             {"status", entry.status},
                             {"bytes", entry.bytes},
                             {"ms", milliseconds(entry.took)},
                             {"request_id", entry.request_id}};
    if (!entry.detail.empty()) line["detail"] = masked(entry.detail);
    return service::json_text(line);
}

void write(spdlog::logger& log, LogFormat format, const AccessEntry& entry) {
    const auto level = entry.status >= 500 ? spdlog::level::err : spdlog::level::info;
    if (!log.should_log(level)) return;
    log.log(level,
            spdlog::string_view_t(format == LogFormat::json ? format_json(entry) : format_text(entry)));
}

}  // namespace fadeout::http
