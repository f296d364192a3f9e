#include <boost/json/value_from.hpp>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/output.h"

namespace fadeout::cli {

namespace {

int create_tables(const Invocation& invocation) {
    const auto services = invocation.program.open_services(invocation.settings());
    std::vector<std::string> done = services->records.create_tables();
    if (done.empty()) done.emplace_back("The records are kept in a file of their own: nothing to create.");
    if (invocation.json)
        print_json(boost::json::object{{"records", boost::json::value_from(done)}});
    else
        for (const std::string& sentence : done) print(sentence + '\n');
    return exit_ok;
}

}  // namespace

Command tables_command() {
    const std::string example =
        "Example:\n  fadeout tables create --records 'dynamodb://tts_temp_audio?region=eu-west-1'\n";
    return {
        .name = "tables",
        .summary = "Make the tables that the records need in DynamoDB",
        .details = example,
        .subcommands = {
            {.name = "create",
             .summary = "Make the table of --records where it is missing, and let its rows expire",
             .details =
                 example +
                 "May be run again at any time. Where the endpoint cannot expire rows it says so, and the "
                 "sweep deletes them.",
             .settings = state_settings,
             .has_json = true,
             .run = create_tables}}};
}

}  // namespace fadeout::cli
