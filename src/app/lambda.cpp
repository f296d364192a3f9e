#include "app/lambda.h"

#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "app/log.h"
#include "app/stores.h"
#include "app/wiring.h"
#include "config/api_keys.h"
#include "lambda/loop.h"
#include "storage/link.h"
#include "storage/pair/url.h"

namespace fadeout::app {

namespace {

/// Of AWS Lambda's Runtime API; nullptr outside of it.
const char* api_address() {
    const char* address = std::getenv(lambda::RuntimeApi::variable);
    return address != nullptr && *address != '\0' ? address : nullptr;
}

http::Entrance entrance(const config::Settings& settings, service::Services& services) {
    std::vector<std::string> keys;
    if (!settings.http.api_key_file.empty()) keys = config::read_api_keys(settings.http.api_key_file);
    return {lambda::routes(services, {}, !has_embedded_queue(settings)), keys, settings.http.cors_origins,
            storage::PublicUrl::parse(config::public_url(settings)).path};
}

/// The function's own disk ends with it: no objects may lie there, nor the notes of what one of two stores
/// misses, nor the key of links that another instance has to follow.
void check_places(const config::Settings& settings) {
    if (settings.store.url.empty())
        throw Error(ErrorKind::invalid,
                    "`fadeout lambda` needs a store outside the function, where objects outlive it. Set "
                    "FADEOUT_STORE, for example to s3://my-bucket?region=eu-central-1.");
    const auto pair = storage::parse_pair_url(settings.store.url);
    if (pair && has_embedded_queue(settings))
        throw Error(
            ErrorKind::invalid,
            "A mirror or failover store needs a queue that outlives the function, for its repairs: set "
            "FADEOUT_QUEUE=redis://host:6379/0, with a `fadeout worker` of the same store beside it.");
    if (pair && pair->kind == storage::PairKind::failover &&
        (settings.public_url.empty() || settings.store.signing_key_file.empty()))
        throw Error(ErrorKind::invalid,
                    "Links to what the second store of a failover holds lead through the function: set "
                    "FADEOUT_PUBLIC_URL to its URL, and FADEOUT_STORE_SIGNING_KEY_FILE to a file that all of "
                    "its instances share, on EFS for example.");
}

}  // namespace

int lambda(const config::Settings& settings, std::stop_token stop) {
    if (api_address() == nullptr)
        throw Error(ErrorKind::invalid,
                    fmt::format("{} is not set: `fadeout lambda` runs inside AWS Lambda. Anywhere else, use "
                                "`fadeout serve`.",
                                lambda::RuntimeApi::variable));
    check_places(settings);
    std::signal(SIGPIPE, SIG_IGN);  // a connection that broke off is an error of its write
    const Log log = open_log(settings);
    const auto services = open_services(settings, log.lines());
    lambda::RuntimeApi api(api_address());
    lambda::Function function(
        *services, entrance(settings, *services),
        [&log](const http::AccessEntry& entry) { http::write(*log.access, log.format, entry); });
    lambda::Loop loop(api, function, services->clock, log.lines());
    log.write(Severity::info,
              fmt::format("fadeout {} answers AWS Lambda, data in {}", FADEOUT_VERSION, settings.data));
    try {
        loop.run(stop);
    } catch (const Error& error) {
        log.write(Severity::error, "No more invocations can be had: " + with_detail(error));
        return 1;
    }
    return 0;
}

void report_lambda_start(const Error& error) noexcept {
    if (api_address() == nullptr) return;
    try {
        lambda::RuntimeApi(api_address()).fail_start(lambda::Failure(error));
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "fadeout: The failure could not be reported: %s\n", failure.what());
    }
}

}  // namespace fadeout::app
