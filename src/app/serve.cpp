#include "app/serve.h"

#include <fmt/format.h>
#include <pthread.h>

#include <csignal>
#include <ctime>
#include <functional>
#include <thread>

#include "app/log.h"
#include "app/stores.h"
#include "app/wiring.h"
#include "config/api_keys.h"
#include "http/server.h"
#include "jobs/worker.h"
#include "service/cleanup_schedule.h"
#include "service/webhook.h"
#include "storage/link.h"

namespace fadeout::app {

namespace {

http::ServerOptions server_options(const config::Settings& settings, const Log& log) {
    const auto& from = settings.http;
    const auto address = config::parse_listen(from.listen);
    const auto pool = [](int threads, int queued) {
        return http::PoolSize{static_cast<std::size_t>(threads), static_cast<std::size_t>(queued)};
    };
    http::ServerOptions options;
    options.listen_address = address.host.empty() ? "0.0.0.0" : address.host;
    options.port = address.port;
    options.base_path = storage::PublicUrl::parse(config::public_url(settings)).path;
    options.io_threads = static_cast<std::size_t>(from.io_threads);
    options.fast_pool = pool(from.fast_workers, from.fast_queue);
    options.speech_pool = pool(from.speech_workers, from.speech_queue);
    options.slow_pool = pool(from.slow_workers, from.slow_queue);
    options.limits.header = from.header_timeout;
    options.limits.idle = from.idle_timeout;
    options.limits.stall = from.stall_timeout;
    options.limits.request = from.request_timeout;
    options.limits.connections = static_cast<std::size_t>(from.max_connections);
    if (!from.api_key_file.empty()) options.api_keys = config::read_api_keys(from.api_key_file);
    options.cors_origins = from.cors_origins;
    options.shutdown_grace = from.shutdown_grace;
    options.log = log.access;
    options.log_format = log.format;
    return options;
}

jobs::Schedule schedule(const config::Settings& settings) {
    jobs::Schedule result;
    if (const auto daily_at = jobs::parse_time_of_day(settings.sweep.daily_at)) result.daily_at = *daily_at;
    return result;
}

/// For the jobs of `types`.
jobs::WorkerOptions worker_options(const config::Settings& settings, Role role,
                                   std::vector<std::string> types, std::shared_ptr<jobs::Outage> outage) {
    constexpr int usual_threads = 2;
    const bool runs_jobs = role == Role::worker || has_embedded_queue(settings);
    jobs::WorkerOptions options;
    options.types = std::move(types);
    options.outage = std::move(outage);
    options.threads = settings.jobs.threads >= 0 ? settings.jobs.threads : runs_jobs ? usual_threads : 0;
    return options;
}

bool may_mend_itself(ErrorKind kind) {
    return kind == ErrorKind::unavailable || kind == ErrorKind::timeout || kind == ErrorKind::busy ||
           kind == ErrorKind::storage_full;
}

/// Throws what is wrong and will stay so: wrong keys, no bucket or table, links that would end early, a clock
/// that is off. What is only out of reach is no reason not to start: /readyz tells when it is back.
void check_start(std::string_view what, const std::function<void()>& check, const Log& log) {
    try {
        check();
    } catch (const Error& error) {
        if (!may_mend_itself(error.kind())) throw;
        log.write(Severity::error, fmt::format("The {} cannot be used now, starting all the same: {}", what,
                                               with_detail(error)));
    }
}

/// A mirror that repairs goes on without its second store, and /readyz says nothing of that one. So this is
/// where its wrong name or keys are told.
void check_repaired_store(service::Services& services, const config::Settings& settings, const Log& log) {
    if (!services.pair || !services.pair->is_mirror || settings.store.mirror != "repair") return;
    try {
        services.pair->second.check();
    } catch (const Error& error) {
        log.write(Severity::error, fmt::format("The second store cannot be used now, its repairs wait: {}",
                                               with_detail(error)));
    }
}

void check_start(service::Services& services, const config::Settings& settings, const Log& log) {
    const auto check_store = [&] {
        for (storage::ObjectStore* store : service::plain_stores(services))
            service::check_links(*store, {.speech = settings.speech.link_expiry,
                                          .transcode = settings.transcode.link_expiry,
                                          .upload = settings.upload.link_expiry});
        services.store.check();
    };
    check_start("store", check_store, log);
    check_repaired_store(services, settings, log);
    check_start(
        "record store", [&] { services.records.check(); }, log);
    check_start(
        "queue", [&] { services.jobs.queue().check(); }, log);
    if (const std::string durability = services.jobs.queue().durability(); !durability.empty())
        log.write(Severity::info, "The queue: " + durability);
    const bool is_failover = services.pair && !services.pair->is_mirror;
    if (is_failover ||
        (services.store.provider() != "local" && settings.store.short_credentials == "redirect"))
        log.write(
            is_failover && settings.public_url.empty() ? Severity::error : Severity::info,
            fmt::format("Links that lead through fadeout begin with {}/l/ and are signed with {}; every "
                        "node needs the same (public_url, store.signing_key_file)",
                        config::public_url(settings), config::signing_key_file(settings)));
}

/// Threads of their own, where this node runs jobs at all: a slow endpoint holds no other job up.
jobs::WorkerOptions delivery_options(const config::Settings& settings, Role role,
                                     std::shared_ptr<jobs::Outage> outage) {
    jobs::WorkerOptions options =
        worker_options(settings, role, {std::string(service::webhook_type)}, std::move(outage));
    if (options.threads > 0) options.threads = settings.webhooks.threads;
    return options;
}

/// SIGINT and SIGTERM, blocked here and in every thread that is started later, so that wait() takes them.
class EndSignals {
  public:
    EndSignals() {
        sigemptyset(&set_);
        sigaddset(&set_, SIGINT);
        sigaddset(&set_, SIGTERM);
        pthread_sigmask(SIG_BLOCK, &set_, nullptr);
        std::signal(SIGPIPE,
                    SIG_IGN);  // a client that left is an error of its write, not the end of the process
    }

    /// True once one has come, false after `limit`.
    bool wait(std::chrono::seconds limit) const {
        const timespec time{limit.count(), 0};
        return sigtimedwait(&set_, nullptr, &time) > 0;
    }

  private:
    sigset_t set_;
};

}  // namespace

int serve(const config::Settings& settings, Role role) {
    const EndSignals signals;
    const Log log = open_log(settings);
    const auto services = open_services(settings, log.lines());
    check_start(*services, settings, log);
    service::Jobs& jobs = services->jobs;
    http::ServerOptions options = server_options(settings, log);
    options.health_only = role == Role::worker;
    http::Server server(options, *services);

    const auto run_job = [&](const jobs::Job& job, const audio::OnProgress& on_progress,
                             std::stop_token stop) {
        return services->metrics.measure_job(job.type, [&] { return jobs.run(job, on_progress, stop); });
    };
    const auto retry_after = [&](const jobs::Job& job, ErrorKind kind) {
        return jobs.retry_after(job, kind);
    };
    const auto outage = std::make_shared<jobs::Outage>();
    jobs::Worker worker(jobs.queue(), run_job, retry_after, log.lines(),
                        worker_options(settings, role, jobs.types_of_work(), outage));
    jobs::Worker deliveries(jobs.queue(), run_job, retry_after, log.lines(),
                            delivery_options(settings, role, outage));
    jobs.on_submitted([&] {
        worker.notify();
        deliveries.notify();
    });

    service::CleanupSchedule cleanup(
        services->cleanup, jobs::Leadership(jobs.queue(), "sweep", services->clock, settings.sweep.lease),
        services->clock, schedule(settings), services->metrics, log.lines());
    if (settings.sweep.enabled && role == Role::api) cleanup.start();

    std::jthread serving([&] { server.run(); });
    log.write(Severity::info, fmt::format("fadeout {} serves {} (port {}), data in {}", FADEOUT_VERSION,
                                          config::public_url(settings), server.port(), settings.data));
    constexpr std::chrono::hours forget_every{1};
    do {
        try {
            jobs.forget_ended(services->clock.now(), settings.jobs.keep_ended);
        } catch (const Error& failure) {
            log.write(Severity::error, fmt::format("Ended jobs could not be forgotten: {}", failure.what()));
        }
    } while (!signals.wait(forget_every));

    log.write(Severity::info, "Stopping: taking nothing new, finishing what runs");
    cleanup.request_stop();
    server.stop();
    const std::jthread stopping([&] { deliveries.stop(settings.http.shutdown_grace); });
    worker.stop(settings.http.shutdown_grace);
    return 0;
}

}  // namespace fadeout::app
