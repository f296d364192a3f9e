#include "app/serve.h"
#include "app/wiring.h"
#include "cli/program.h"

int main(int argc, char** argv) {
    return fadeout::cli::run(argc, argv,
                             {.version = FADEOUT_VERSION,
                              .open_services = fadeout::app::open_services,
                              .open_media = fadeout::app::open_media,
                              .serve = fadeout::app::serve});
}
