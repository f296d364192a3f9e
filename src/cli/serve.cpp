#include "cli/commands.h"

namespace fadeout::cli {

Command serve_command() {
    return {
        .name = "serve",
        .summary = "Run the server",
        .details =
            "Examples:\n"
            "  fadeout serve\n"
            "  fadeout serve --data /var/lib/fadeout --public-url https://audio.example.com\n"
            "  fadeout serve --listen 0.0.0.0:8080 --api-key-file /etc/fadeout/keys\n"
            "Ends on SIGTERM or SIGINT with exit code 0, after requests and jobs had their time to finish.",
        .settings = {"*"},
        .run = [](const Invocation& invocation) {
            config::check_server(invocation.settings());
            return invocation.program.serve(invocation.settings());
        }};
}

}  // namespace fadeout::cli
