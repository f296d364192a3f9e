#pragma once
#include "config/settings.h"

namespace fadeout::app {

/// What a node does.
enum class Role {
    api,     ///< answers every route; runs jobs itself where the queue is embedded or jobs.threads says so;
             ///< sweeps
    worker,  ///< runs jobs; answers /healthz, /readyz and /metrics alone; sweeps nothing
};

/// Runs the HTTP server, the jobs and the clean-up schedule until SIGINT or SIGTERM, then leaves in good
/// order: takes nothing new, lets what runs finish within http.shutdown_grace, puts unfinished jobs back.
/// Returns the exit code.
int serve(const config::Settings& settings, Role role);

}  // namespace fadeout::app
