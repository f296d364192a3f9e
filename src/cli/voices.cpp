#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/output.h"
#include "service/speech.h"

namespace fadeout::cli {

Command voices_command() {
    return {.name = "voices",
            .summary = "List the voices that say and the server can use",
            .details =
                "Examples:\n"
                "  fadeout voices\n"
                "  fadeout voices --json",
            .settings = {"speech.default_voice"},
            .has_json = true,
            .run = [](const Invocation& invocation) {
                const auto services = invocation.program.open_media(invocation.settings());
                boost::json::array all;
                std::string lines;
                for (const speech::Voice& voice : services->speech.voices()) {
                    if (invocation.json)
                        all.push_back(service::to_json(voice));
                    else
                        lines +=
                            fmt::format("{:<24} {:<12} {:<8} {}{}\n", voice.id, voice.language, voice.gender,
                                        voice.display_name, voice.available ? "" : " (not available)");
                }
                if (invocation.json)
                    print_json(all);
                else
                    print(lines);
                return exit_ok;
            }};
}

}  // namespace fadeout::cli
