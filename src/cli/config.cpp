#include <boost/json/array.hpp>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/output.h"
#include "config/reference.h"

namespace fadeout::cli {

namespace {

boost::json::array effective_json(const config::Effective& effective) {
    const config::Settings defaults;
    boost::json::array all;
    for (const config::Setting& setting : config::table())
        all.push_back(
            boost::json::object{{"name", setting.name},
                                {"value", config::format_masked(setting, effective.settings)},
                                {"origin", config::describe(effective.origins.find(setting.name)->second)},
                                {"default", config::format(setting, defaults)}});
    return all;
}

Command text_command(std::string name, std::string summary, std::string (*text)()) {
    return {.name = std::move(name), .summary = std::move(summary), .run = [text](const Invocation&) {
                print(text());
                return exit_ok;
            }};
}

}  // namespace

Command config_command() {
    return {.name = "config",
            .summary = "Print every setting, its value and where that comes from",
            .details =
                "Examples:\n"
                "  fadeout config\n"
                "  fadeout config sample > fadeout.toml\n"
                "  fadeout config --config fadeout.toml --json\n"
                "Passwords in URLs are masked. docs/configuration.md explains every setting.",
            .settings = {"*"},
            .has_json = true,
            .run =
                [](const Invocation& invocation) {
                    if (invocation.json)
                        print_json(effective_json(invocation.effective));
                    else
                        print(config::to_text(invocation.effective));
                    return exit_ok;
                },
            .subcommands = {
                text_command("sample", "Print a settings file with everything explained and commented out",
                             config::sample_toml),
                text_command("docs", "Print docs/configuration.md", config::reference_markdown)}};
}

}  // namespace fadeout::cli
