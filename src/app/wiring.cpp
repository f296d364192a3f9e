#include "app/wiring.h"

#include <optional>

#include "app/stores.h"
#include "aws/credentials.h"
#include "config/webhook_secrets.h"
#include "service/remote_processor.h"
#include "service/temporary_files.h"
#include "service/webhook.h"
#include "storage/pair/url.h"
#include "storage/s3/url.h"

#ifdef FADEOUT_ESPEAK
#include "speech/espeak/synthesizer.h"
#else
#include "speech/no_synthesizer.h"
#endif

namespace fadeout::app {

namespace {

#ifdef FADEOUT_ESPEAK
using BuiltInSynthesizer = speech::EspeakSynthesizer;
#else
using BuiltInSynthesizer = speech::NoSynthesizer;
#endif

/// The remote function that processing is handed to first; nothing where none is set.
struct Remote {
    std::optional<service::RemoteFunction> function;
    std::optional<service::RemoteProcessor> processor;
};

/// Owns everything that a Services refers to, in the order of use.
struct Application {
    Application(const config::Settings& settings, SystemClock& clock, Stores opened,
                service::WebhookSecrets secrets, LogLine log_line);

    service::RemoteProcessor* open_remote(const config::Settings& settings);
    std::vector<service::JobType> job_types(const config::Settings& settings);

    SystemClock& clock;
    LogLine log;
    Stores stores;
    BuiltInSynthesizer synthesizer;
    service::Speech speech;
    service::Sources sources;
    service::Transcode transcode;
    service::TemporaryFiles temporary;
    Remote remote;
    service::Process process;
    service::Objects objects;
    service::ResignedLinks resigned_links;
    service::WebhookSecrets webhook_secrets;
    net::HttpClient webhook_client;
    service::Jobs jobs;
    service::Cleanup cleanup;
    service::Report report;
    service::Metrics metrics{FADEOUT_VERSION};
    service::Services services;
};

constexpr std::size_t max_webhook_answer_bytes = 0;  ///< only the status of an endpoint's answer counts

SystemClock& system_clock() {
    static SystemClock clock;
    return clock;
}

service::SpeechOptions speech_options(const config::Settings& settings) {
    return {.default_voice = settings.speech.default_voice,
            .link_expiry = settings.speech.link_expiry,
            .max_characters = static_cast<std::size_t>(settings.speech.max_characters),
            .max_job_characters = static_cast<std::size_t>(settings.speech.max_job_characters),
            .store_links = settings.records.store_links};
}

service::TranscodeOptions transcode_options(const config::Settings& settings,
                                            const service::Head& find_result) {
    return {.link_expiry = settings.transcode.link_expiry,
            .limits = {.input_bytes = settings.limits.input_bytes,
                       .duration = settings.limits.duration,
                       .allocation_bytes = settings.limits.allocation_bytes},
            .find_result = find_result};
}

net::SourceLimits source_limits(const config::Settings& settings) {
    net::SourceLimits limits;
    limits.max_bytes = settings.limits.input_bytes;
    limits.connect = settings.source.connect_timeout;
    limits.stall = settings.source.stall_timeout;
    limits.total = settings.source.total_timeout;
    return limits;
}

service::CleanupOptions cleanup_options(const config::Settings& settings) {
    service::CleanupOptions options;
    options.temporary_prefixes = settings.cleanup.temporary_prefixes;
    options.mode = settings.sweep.mode == "day" ? service::SweepMode::day : service::SweepMode::promise;
    options.speech_link_expiry = settings.speech.link_expiry;
    options.orphans_after = settings.sweep.orphans_after;
    options.uploads_after = settings.sweep.uploads_after;
    if (settings.sweep.max_deletions > 0)
        options.max_deletions = static_cast<std::uint64_t>(settings.sweep.max_deletions);
    return options;
}

/// Whose list prices hold for the store at `url`: nobody's where the service speaks S3 and is not Amazon's.
std::string seller(const config::Settings& settings, const std::string& url) {
    if (!storage::is_s3_url(url)) return {};
    const storage::S3Location location = storage::parse_s3_url(url, settings.store.region);
    return location.provider == "s3" && !storage::is_amazon(location) ? "" : location.provider;
}

std::vector<service::PricedStore> priced_stores(const config::Settings& settings, const Stores& stores) {
    const auto priced = [&](storage::ObjectStore& store, const std::string& url) {
        return service::PricedStore{store, service::prices_of(seller(settings, url), settings.report.prices)};
    };
    if (!stores.pair) return {priced(*stores.objects, settings.store.url)};
    const storage::PairUrl url = storage::parse_pair_url(settings.store.url).value();
    return {priced(stores.pair->first, url.first), priced(stores.pair->second, url.second)};
}

service::TemporaryFilesOptions temporary_files_options(const config::Settings& settings) {
    return {.enabled = settings.cleanup.temp_files,
            .progressive = settings.cleanup.progressive,
            .delay = settings.cleanup.delay,
            .prefixes = settings.cleanup.temporary_prefixes};
}

service::RemoteFunctionOptions remote_function_options(const config::Settings& settings, const Clock& clock) {
    service::RemoteFunctionOptions options{.address = settings.processor.url,
                                           .timeout = settings.processor.timeout};
    if (options.address.starts_with("arn:")) {
        const auto environment = aws::process_environment();
        options.credentials = aws::default_credentials(environment, clock);
        options.lambda_endpoint = environment("AWS_ENDPOINT_URL_LAMBDA").value_or("");
        while (options.lambda_endpoint.ends_with('/')) options.lambda_endpoint.pop_back();
    }
    return options;
}

Application::Application(const config::Settings& settings, SystemClock& system, Stores opened,
                         service::WebhookSecrets secrets, LogLine log_line)
    : clock(system),
      log(std::move(log_line)),
      stores(std::move(opened)),
      speech(synthesizer, *stores.objects, *stores.records, clock, speech_options(settings)),
      sources(*stores.objects, clock, stores.link_credentials, config::public_url(settings),
              net::AddressPolicy(settings.source.allow), source_limits(settings), settings.store.region),
      transcode(*stores.objects, sources, clock, transcode_options(settings, stores.find_result)),
      temporary(*stores.objects, *stores.queue, clock, log, temporary_files_options(settings)),
      process(*stores.objects, transcode, open_remote(settings), clock, log),
      objects(*stores.objects, clock, stores.link_credentials, config::public_url(settings),
              settings.store.region, settings.http.max_upload_bytes),
      resigned_links(config::public_url(settings), stores.link_credentials, clock),
      webhook_secrets(std::move(secrets)),
      webhook_client(max_webhook_answer_bytes, net::AddressPolicy(settings.source.allow)),
      jobs(*stores.queue, job_types(settings), webhook_secrets),
      cleanup(*stores.objects, *stores.records, clock, cleanup_options(settings)),
      report(*stores.objects, priced_stores(settings, stores), *stores.queue, clock,
             cleanup::TemporaryPrefixes(settings.cleanup.temporary_prefixes)),
      services{.clock = clock,
               .speech = speech,
               .sources = sources,
               .transcode = transcode,
               .process = process,
               .objects = objects,
               .resigned_links = resigned_links,
               .jobs = jobs,
               .cleanup = cleanup,
               .report = report,
               .metrics = metrics,
               .store = *stores.objects,
               .records = *stores.records,
               .synthesizer = synthesizer,
               .upload_link_expiry = settings.upload.link_expiry,
               .pair = stores.pair} {}

service::RemoteProcessor* Application::open_remote(const config::Settings& settings) {
    if (settings.processor.url.empty()) return nullptr;
    remote.function.emplace(remote_function_options(settings, clock), clock);
    service::RemoteProcessorOptions options;
    if (stores.pair && stores.pair->is_mirror)
        options.on_direct_upload = [this](const storage::Key& key) {
            service::ask_for_repair(*stores.queue, clock, stores.pair->name, key, storage::Missed::write,
                                    Duration(0));
        };
    remote.processor.emplace(*remote.function, *stores.objects, sources, transcode, temporary, clock, log,
                             std::move(options));
    return &*remote.processor;
}

/// Repairs are left to nodes that have two stores: while nodes are restarted one by one, others share the
/// queue.
std::vector<service::JobType> Application::job_types(const config::Settings& settings) {
    std::vector types{service::transcode_job(transcode), service::process_job(process),
                      service::speak_job(speech), service::cleanup_job(temporary),
                      service::webhook_job(webhook_secrets, webhook_client, clock)};
    if (stores.pair)
        types.push_back(
            service::repair_job(*stores.pair, *stores.queue, clock, {.attempts = settings.jobs.attempts}));
    return types;
}

std::shared_ptr<service::Services> assemble(const config::Settings& settings, Stores stores,
                                            service::WebhookSecrets secrets, LogLine log) {
    auto application = std::make_shared<Application>(settings, system_clock(), std::move(stores),
                                                     std::move(secrets), std::move(log));
    return {application, &application->services};
}

}  // namespace

std::shared_ptr<service::Services> open_services(const config::Settings& settings, LogLine log) {
    service::WebhookSecrets secrets;
    if (const std::string& file = settings.webhooks.secret_file; !file.empty())
        secrets = service::WebhookSecrets(config::read_webhook_secrets(file));
    Stores stores = open_stores(settings, system_clock(), log);
    return assemble(settings, std::move(stores), std::move(secrets), std::move(log));
}

std::unique_ptr<storage::ObjectStore> open_store(const config::Settings& settings, const std::string& url,
                                                 bool must_exist) {
    return open_store(settings, url, must_exist, system_clock());
}

cli::StateParts state_parts(const config::Settings& settings) {
    return state_parts(settings, system_clock());
}

std::shared_ptr<service::Services> open_media(const config::Settings& settings) {
    config::Settings alone = settings;
    alone.processor.url.clear();
    alone.store.url.clear();
    return assemble(alone, stores_in_memory(system_clock()), {}, [](Severity, const std::string&) {});
}

}  // namespace fadeout::app
