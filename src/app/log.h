#pragma once
#include <memory>

#include "base/log_line.h"
#include "config/settings.h"
#include "http/options.h"

namespace spdlog {
class logger;
}

namespace fadeout::app {

/// The server's log on standard error: text on a terminal, one JSON object per line otherwise, unless
/// log.format says which.
struct Log {
    std::shared_ptr<spdlog::logger> access;  ///< for the HTTP server, which formats its lines itself
    http::LogFormat format;

    void write(Severity severity, const std::string& text) const;
    /// The same as a function; owns what it needs.
    LogLine lines() const;
};

Log open_log(const config::Settings& settings);

}  // namespace fadeout::app
