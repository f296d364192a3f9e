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

Command worker_command() {
    return {
        .name = "worker",
        .summary = "Run jobs of a shared queue, and nothing else",
        .details =
            "Examples:\n"
            "  fadeout worker --queue redis://127.0.0.1:6379/0 --store s3://bucket --records "
            "dynamodb://table --jobs 4\n"
            "Takes the settings of serve. Its HTTP server answers /healthz, /readyz and /metrics alone, on a "
            "free port "
            "unless --listen names one (the log tells which). Any number may run.\n"
            "Ends on SIGTERM or SIGINT with exit code 0; what it could not finish goes back to the queue.",
        .settings = {"*"},
        .run = [](const Invocation& invocation) {
            config::Settings settings = invocation.settings();
            // Nobody calls a worker but its supervisor: unless told a port it takes a free one, so that many
            // run on one machine. Its links are those of `serve`.
            if (invocation.effective.origins.at("http.listen").kind == config::Origin::Kind::default_value) {
                settings.public_url = config::public_url(settings);
                settings.http.listen = "127.0.0.1:0";
            }
            config::check_server(settings);
            return invocation.program.work(settings);
        }};
}

}  // namespace fadeout::cli
