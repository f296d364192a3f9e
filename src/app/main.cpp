#include "app/log.h"
#include "app/serve.h"
#include "app/wiring.h"
#include "cli/program.h"

using fadeout::app::Role;

int main(int argc, char** argv) {
    return fadeout::cli::run(
        argc, argv,
        {.version = FADEOUT_VERSION,
         .open_services =
             [](const auto& settings) {
                 return fadeout::app::open_services(settings, fadeout::app::open_log(settings).lines());
             },
         .open_media = fadeout::app::open_media,
         .serve = [](const auto& settings) { return serve(settings, Role::api); },
         .work = [](const auto& settings) { return serve(settings, Role::worker); },
         .open_store = [](const auto& settings, const auto& url,
                          bool must_exist) { return fadeout::app::open_store(settings, url, must_exist); }});
}
