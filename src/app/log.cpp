#include "app/log.h"

#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace fadeout::app {

Log open_log(const config::Settings& settings) {
    const bool json =
        settings.log.format == "json" || (settings.log.format == "auto" && ::isatty(STDERR_FILENO) == 0);
    auto logger = std::make_shared<spdlog::logger>(
        "fadeout", std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>());
    logger->set_level(spdlog::level::from_str(settings.log.level));
    logger->set_pattern(json ? "%v" : "%Y-%m-%d %H:%M:%S.%e %^%l%$ %v");
    logger->flush_on(spdlog::level::info);
    return {std::move(logger), json ? http::LogFormat::json : http::LogFormat::text};
}

void Log::write(Severity severity, const std::string& text) const {
    const bool is_error = severity == Severity::error;
    std::string line = text;
    if (format == http::LogFormat::json)
        line = boost::json::serialize(boost::json::object{{"time", utc_timestamp(SystemClock().now())},
                                                          {"level", is_error ? "error" : "info"},
                                                          {"message", text}});
    access->log(is_error ? spdlog::level::err : spdlog::level::info, "{}", line);
}

LogLine Log::lines() const {
    return [log = *this](Severity severity, const std::string& text) { log.write(severity, text); };
}

}  // namespace fadeout::app
