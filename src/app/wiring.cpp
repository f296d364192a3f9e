#include "app/wiring.h"

#include <fmt/format.h>

#include <filesystem>

#include "jobs/memory/memory_job_queue.h"
#include "jobs/sqlite/sqlite_job_queue.h"
#include "records/memory/memory_record_store.h"
#include "records/sqlite/sqlite_record_store.h"
#include "storage/disk/disk_store.h"
#include "storage/disk/signing_key.h"
#include "storage/memory/memory_store.h"
#ifdef FADEOUT_ESPEAK
#include "speech/espeak/synthesizer.h"
#else
#include "speech/no_synthesizer.h"
#endif

namespace fadeout::app {

namespace {

namespace fs = std::filesystem;

#ifdef FADEOUT_ESPEAK
using BuiltInSynthesizer = speech::EspeakSynthesizer;
#else
using BuiltInSynthesizer = speech::NoSynthesizer;
#endif

struct Stores {
    std::unique_ptr<storage::ObjectStore> objects;
    std::unique_ptr<records::RecordStore> records;
    std::unique_ptr<jobs::JobQueue> queue;
    aws::Credentials link_credentials;
};

/// Owns everything that a Services refers to, in the order of use.
struct Application {
    Application(const config::Settings& settings, SystemClock& clock, Stores opened);

    SystemClock& clock;
    Stores stores;
    BuiltInSynthesizer synthesizer;
    service::Speech speech;
    service::Sources sources;
    service::Transcode transcode;
    service::Objects objects;
    service::Jobs jobs;
    service::Cleanup cleanup;
    service::Services services;
};

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

service::TranscodeOptions transcode_options(const config::Settings& settings) {
    return {.link_expiry = settings.transcode.link_expiry,
            .limits = {.input_bytes = settings.limits.input_bytes,
                       .duration = settings.limits.duration,
                       .allocation_bytes = settings.limits.allocation_bytes}};
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

Application::Application(const config::Settings& settings, SystemClock& system, Stores opened)
    : clock(system),
      stores(std::move(opened)),
      speech(synthesizer, *stores.objects, *stores.records, clock, speech_options(settings)),
      sources(*stores.objects, clock, stores.link_credentials, config::public_url(settings),
              net::AddressPolicy(settings.source.allow), source_limits(settings), settings.store.region),
      transcode(*stores.objects, sources, clock, transcode_options(settings)),
      objects(*stores.objects, clock, stores.link_credentials, config::public_url(settings),
              settings.store.region, settings.http.max_upload_bytes),
      jobs(*stores.queue, speech, transcode),
      cleanup(*stores.objects, *stores.records, clock, cleanup_options(settings)),
      services{.clock = clock,
               .speech = speech,
               .sources = sources,
               .transcode = transcode,
               .objects = objects,
               .jobs = jobs,
               .cleanup = cleanup,
               .store = *stores.objects,
               .records = *stores.records,
               .synthesizer = synthesizer,
               .upload_link_expiry = settings.upload.link_expiry} {}

/// The path in "{scheme}:///path", or `otherwise` where the URL is empty.
std::string local_path(const std::string& url, const std::string& scheme, const std::string& otherwise,
                       std::string_view what) {
    if (url.empty()) return otherwise;
    const std::string start = scheme + "://";
    if (!url.starts_with(start) || url.size() <= start.size() + 1 || url[start.size()] != '/')
        throw Error(
            ErrorKind::invalid,
            fmt::format("{} '{}' is not supported by this build; use {}/absolute/path", what, url, start));
    return url.substr(start.size());
}

void make_folder(const std::string& path) {
    std::error_code failure;
    fs::create_directories(path, failure);
    if (failure) throw system_error(failure.value(), "make the data folder", path);
}

Stores open_stores(const config::Settings& settings, const Clock& clock) {
    make_folder(settings.data);
    Stores stores;
    stores.link_credentials = storage::load_or_create_signing_key(settings.data + "/signing.key");
    stores.objects = std::make_unique<storage::DiskStore>(
        storage::DiskOptions{
            .root = local_path(settings.store.url, "file", settings.data + "/objects", "The store"),
            .bucket = settings.store.bucket,
            .public_url = config::public_url(settings),
            .credentials = stores.link_credentials,
            .region = settings.store.region},
        clock);
    stores.records = std::make_unique<records::SqliteRecordStore>(
        local_path(settings.records.url, "sqlite", settings.data + "/records.db", "The record store"), clock);
    jobs::Limits limits;
    limits.attempts = settings.jobs.attempts;
    limits.queued = static_cast<std::size_t>(settings.jobs.max_queued);
    stores.queue = std::make_unique<jobs::SqliteJobQueue>(
        local_path(settings.queue.url, "sqlite", settings.data + "/jobs.db", "The queue"), clock, limits);
    return stores;
}

Stores stores_in_memory(const Clock& clock) {
    return {.objects = std::make_unique<storage::MemoryStore>(clock),
            .records = std::make_unique<records::MemoryRecordStore>(clock),
            .queue = std::make_unique<jobs::MemoryJobQueue>(clock),
            .link_credentials = {}};
}

std::shared_ptr<service::Services> assemble(const config::Settings& settings, Stores stores) {
    auto application = std::make_shared<Application>(settings, system_clock(), std::move(stores));
    return {application, &application->services};
}

}  // namespace

std::shared_ptr<service::Services> open_services(const config::Settings& settings) {
    return assemble(settings, open_stores(settings, system_clock()));
}

std::shared_ptr<service::Services> open_media(const config::Settings& settings) {
    return assemble(settings, stores_in_memory(system_clock()));
}

}  // namespace fadeout::app
