#pragma once
#include <memory>

#include "base/log_line.h"
#include "cli/program.h"
#include "config/settings.h"
#include "service/services.h"

namespace fadeout::app {

/// The services on the stores that `settings` name; what they refer to lives as long as the pointer. Makes
/// the data folder, its databases and the signing key where they are missing. Error(invalid) for a store that
/// this build does not know; whatever the stores throw. `log` hears what jobs and long commands do.
std::shared_ptr<service::Services> open_services(const config::Settings& settings, LogLine log);

/// open_store() of stores.h by the system's clock.
std::unique_ptr<storage::ObjectStore> open_store(const config::Settings& settings, const std::string& url,
                                                 bool must_exist);

/// state_parts() of stores.h by the system's clock.
cli::StateParts state_parts(const config::Settings& settings);

/// The same as open_services() with every store in memory, for commands that work on files: nothing is left
/// on disk.
std::shared_ptr<service::Services> open_media(const config::Settings& settings);

}  // namespace fadeout::app
