#pragma once
#include "config/settings.h"

namespace fadeout::app {

/// Runs the HTTP server, the jobs and the clean-up schedule until SIGINT or SIGTERM, then leaves in good
/// order: takes nothing new, lets what runs finish within http.shutdown_grace, puts unfinished jobs back.
/// Returns the exit code.
int serve(const config::Settings& settings);

}  // namespace fadeout::app
