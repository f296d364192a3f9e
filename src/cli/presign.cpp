#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/output.h"
#include "storage/object_store.h"

namespace fadeout::cli {

namespace {

struct Options {
    std::string key, method = "GET";
    Duration expires{std::chrono::minutes(10)};
};

}  // namespace

Command presign_command() {
    const auto options = std::make_shared<Options>();
    return {.name = "presign",
            .summary = "Print a signed link to an object",
            .details =
                "Examples:\n"
                "  fadeout presign pitches/7/song.wav\n"
                "  fadeout presign pitches/7/new.wav --method PUT --expires 1h\n"
                "On a disk store a GET link also answers HEAD, and works on the server of --public-url as "
                "long as that has the same signing key; so does one to what the second store of a failover "
                "holds.",
            .arguments = {{"KEY", "Key of the object", &options->key, "", true, {}},
                          {"--expires", "1s to 7d; otherwise 10m", &options->expires, "DURATION", false, {}},
                          {"--method", "GET or PUT", &options->method, "METHOD", false, {"GET", "PUT"}}},
            .settings = state_settings,
            .run = [options](const Invocation& invocation) {
                const storage::Key key = storage::Key::parse(options->key);
                const auto services = invocation.program.open_services(invocation.settings());
                const auto method =
                    options->method == "PUT" ? storage::LinkMethod::put : storage::LinkMethod::get;
                print(services->store.presign(method, key, options->expires, {}) + '\n');
                return exit_ok;
            }};
}

}  // namespace fadeout::cli
