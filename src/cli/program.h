#pragma once
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.h"
#include "config/settings.h"
#include "service/services.h"

namespace fadeout::cli {

/// Opens the plain store that `url` names. `must_exist`: a folder that is not there is Error(not_found)
/// instead of made.
using OpenStore = std::function<std::unique_ptr<storage::ObjectStore>(
    const config::Settings&, const std::string& url, bool must_exist)>;
/// The parts of the stored state, each opened by itself, so that what is wrong with one hides nothing of the
/// others. Each function throws what is wrong.
struct StateParts {
    struct Store {
        std::string prefix;  ///< "1st ", "2nd " of a mirror or failover store; empty where there is one
        std::function<std::unique_ptr<storage::ObjectStore>()> open;
    };
    std::function<void()> open_data;  ///< makes the data folder and the signing key; goes first
    std::vector<Store> stores;
    std::function<std::unique_ptr<records::RecordStore>()> open_records;
    std::function<std::unique_ptr<jobs::JobQueue>()> open_queue;
};
using OpenServices = std::function<std::shared_ptr<service::Services>(const config::Settings&)>;

/// What the commands are given from outside: the wiring of app/.
struct Program {
    std::string version;
    OpenServices open_services;  ///< on the stores that the settings name
    OpenServices open_media;  ///< the same with everything in memory: leaves nothing on disk, needs no folder
    std::function<int(const config::Settings&)> serve;  ///< until SIGINT or SIGTERM; returns the exit code
    std::function<int(const config::Settings&)> work;   ///< the same for a node that only runs jobs
    std::function<int(const config::Settings&, std::stop_token)> lambda{};  ///< AWS Lambda's loop; exit code
    std::function<void(const Error&)> report_lambda_start{};                ///< why it cannot begin
    OpenStore open_store{};  ///< for commands about stores besides the settings' own
    std::function<StateParts(const config::Settings&)> state_parts{};  ///< refer to the settings
};

/// The whole command line: parses, runs the subcommand, reports errors. Returns the exit code.
int run(int argc, char** argv, const Program& program);

}  // namespace fadeout::cli
