#include <malloc.h>

#include "app/lambda.h"
#include "app/log.h"
#include "app/serve.h"
#include "app/wiring.h"
#include "cli/program.h"

using fadeout::app::Role;

namespace {

/// Has large buffers, such as the parts of an upload, come from the kernel and go back to it. Otherwise glibc
/// learns from the first that is freed to keep them, in one pool per thread: a third more memory
/// (bench/s3_transcode.sh).
void return_large_buffers() {
    constexpr int large_bytes = 1 << 20;
    mallopt(M_MMAP_THRESHOLD, large_bytes);
}

}  // namespace

int main(int argc, char** argv) {
    return_large_buffers();
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
         .lambda = fadeout::app::lambda,
         .report_lambda_start = fadeout::app::report_lambda_start,
         .open_store = [](const auto& settings, const auto& url,
                          bool must_exist) { return fadeout::app::open_store(settings, url, must_exist); },
         .state_parts = [](const auto& settings) { return fadeout::app::state_parts(settings); }});
}
