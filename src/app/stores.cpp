#include "app/stores.h"

#include <fmt/format.h>

#include <filesystem>

#include "aws/credentials.h"
#include "jobs/memory/memory_job_queue.h"
#include "jobs/redis/redis_job_queue.h"
#include "jobs/sqlite/sqlite_job_queue.h"
#include "records/dynamodb/dynamodb_record_store.h"
#include "records/dynamodb/url.h"
#include "records/memory/memory_record_store.h"
#include "records/sqlite/sqlite_record_store.h"
#include "storage/disk/disk_store.h"
#include "storage/disk/signing_key.h"
#include "storage/memory/memory_store.h"
#include "storage/s3/s3_store.h"
#include "storage/s3/url.h"

namespace fadeout::app {

namespace {

/// The path in "{scheme}:///path", or `otherwise` where the URL is empty. `known` are the URLs that it may be
/// instead.
std::string local_path(const std::string& url, const std::string& scheme, const std::string& otherwise,
                       std::string_view what, std::string_view known) {
    if (url.empty()) return otherwise;
    const std::string start = scheme + "://";
    if (!url.starts_with(start) || url.size() <= start.size() + 1 || url[start.size()] != '/')
        throw Error(ErrorKind::invalid,
                    fmt::format("{} is at none of the places that fadeout knows; use {}/absolute/path or {}",
                                what, start, known));
    return url.substr(start.size());
}

void make_folder(const std::string& path) {
    std::error_code failure;
    std::filesystem::create_directories(path, failure);
    if (failure) throw system_error(failure.value(), "make the data folder", path);
}

std::shared_ptr<aws::CredentialsProvider> credentials(const Clock& clock) {
    return aws::default_credentials(aws::process_environment(), clock);
}

std::vector<storage::PublicUrl> public_endpoints(const config::Settings& settings) {
    std::vector<storage::PublicUrl> all;
    for (const std::string& url : settings.store.public_endpoints)
        all.push_back(storage::PublicUrl::parse(url));
    return all;
}

std::unique_ptr<storage::ObjectStore> open_objects(const config::Settings& settings,
                                                   const aws::Credentials& link_credentials,
                                                   const Clock& clock) {
    if (storage::is_s3_url(settings.store.url))
        return std::make_unique<storage::S3Store>(
            storage::S3Options{.location = storage::parse_s3_url(settings.store.url, settings.store.region),
                               .credentials = credentials(clock),
                               .retry = {},
                               .public_endpoints = public_endpoints(settings)},
            clock);
    return std::make_unique<storage::DiskStore>(
        storage::DiskOptions{
            .root = local_path(settings.store.url, "file", settings.data + "/objects", "The store",
                               "s3://bucket?region=NAME or r2://bucket?account=ID"),
            .bucket = settings.store.bucket,
            .public_url = config::public_url(settings),
            .credentials = link_credentials,
            .region = settings.store.region,
            .public_endpoints = public_endpoints(settings)},
        clock);
}

std::unique_ptr<records::RecordStore> open_records(const config::Settings& settings, const Clock& clock) {
    if (settings.records.url.starts_with("dynamodb://"))
        return std::make_unique<records::DynamoDbRecordStore>(
            records::dynamodb::parse_url(settings.records.url, settings.store.region), credentials(clock),
            clock);
    return std::make_unique<records::SqliteRecordStore>(
        local_path(settings.records.url, "sqlite", settings.data + "/records.db", "The record store",
                   "dynamodb://table?region=NAME"),
        clock);
}

std::unique_ptr<jobs::JobQueue> open_queue(const config::Settings& settings, const Clock& clock) {
    jobs::Limits limits;
    limits.attempts = settings.jobs.attempts;
    limits.queued = static_cast<std::size_t>(settings.jobs.max_queued);
    if (!has_embedded_queue(settings))
        return std::make_unique<jobs::RedisJobQueue>(settings.queue.url, clock, limits);
    return std::make_unique<jobs::SqliteJobQueue>(
        local_path(settings.queue.url, "sqlite", settings.data + "/jobs.db", "The queue",
                   "redis://[user:password@]host:port/db"),
        clock, limits);
}

}  // namespace

bool has_embedded_queue(const config::Settings& settings) {
    return !settings.queue.url.starts_with("redis://") && !settings.queue.url.starts_with("rediss://");
}

Stores open_stores(const config::Settings& settings, const Clock& clock) {
    make_folder(settings.data);
    Stores stores;
    stores.link_credentials = storage::load_or_create_signing_key(settings.data + "/signing.key");
    stores.objects = open_objects(settings, stores.link_credentials, clock);
    stores.records = open_records(settings, clock);
    stores.queue = open_queue(settings, clock);
    return stores;
}

Stores stores_in_memory(const Clock& clock) {
    return {.objects = std::make_unique<storage::MemoryStore>(clock),
            .records = std::make_unique<records::MemoryRecordStore>(clock),
            .queue = std::make_unique<jobs::MemoryJobQueue>(clock),
            .link_credentials = {}};
}

}  // namespace fadeout::app
