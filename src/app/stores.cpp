#include "app/stores.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <span>

#include "aws/credentials.h"
#include "config/place.h"
#include "jobs/memory/memory_job_queue.h"
#include "jobs/redis/redis_job_queue.h"
#include "jobs/sqlite/sqlite_job_queue.h"
#include "records/dynamodb/dynamodb_record_store.h"
#include "records/dynamodb/url.h"
#include "records/memory/memory_record_store.h"
#include "records/sqlite/sqlite_record_store.h"
#include "service/resigned_links.h"
#include "service/webhook.h"
#include "storage/disk/disk_store.h"
#include "storage/disk/signing_key.h"
#include "storage/memory/memory_store.h"
#include "storage/pair/failover_store.h"
#include "storage/pair/mirror_store.h"
#include "storage/pair/url.h"
#include "storage/s3/s3_store.h"
#include "storage/s3/url.h"

namespace fadeout::app {

namespace {

constexpr std::array<std::string_view, 5> store_forms{"file:///absolute/path", "s3://bucket?region=NAME",
                                                      "r2://bucket?account=ID", "mirror:URL,URL",
                                                      "failover:URL,URL"};
constexpr std::array<std::string_view, 2> record_forms{"sqlite:///absolute/path",
                                                       "dynamodb://table?region=NAME"};
constexpr std::array<std::string_view, 2> queue_forms{"sqlite:///absolute/path",
                                                      "redis://[user:password@]host:port/db"};

/// The path in "{scheme}:///path", or `otherwise` where the URL is empty. `forms` are all that it may have,
/// for what is said of another one.
std::string local_path(const std::string& url, const std::string& scheme, const std::string& otherwise,
                       std::string_view what, std::span<const std::string_view> forms) {
    if (url.empty()) return otherwise;
    const std::string start = scheme + "://";
    if (!url.starts_with(start) || url.size() <= start.size() + 1 || url[start.size()] != '/')
        throw config::unknown_place(what, url, forms);
    return url.substr(start.size());
}

void make_folder(const std::string& path) {
    std::error_code failure;
    std::filesystem::create_directories(path, failure);
    if (failure) throw system_error(failure.value(), "make the data folder", path);
}

std::shared_ptr<aws::CredentialsProvider> credentials(const Clock& clock, const std::string& profile = {}) {
    const aws::Environment environment = aws::process_environment();
    return aws::default_credentials(profile.empty() ? environment : aws::with_profile(environment, profile),
                                    clock);
}

std::vector<storage::PublicUrl> public_endpoints(const config::Settings& settings) {
    std::vector<storage::PublicUrl> all;
    for (const std::string& url : settings.store.public_endpoints)
        all.push_back(storage::PublicUrl::parse(url));
    return all;
}

storage::OtherLink link_through_fadeout(const config::Settings& settings,
                                        const aws::Credentials& link_credentials, const Clock& clock) {
    return [links = service::ResignedLinks(config::public_url(settings), link_credentials, clock)](
               const storage::Key& key, Duration expires, const storage::LinkOptions& options) {
        return links.make(key, expires, options);
    };
}

/// Nothing where a link that would outlive the store's credentials shall be refused.
storage::OtherLink other_link(const config::Settings& settings, const aws::Credentials& link_credentials,
                              const Clock& clock) {
    if (settings.store.short_credentials != "redirect") return {};
    return link_through_fadeout(settings, link_credentials, clock);
}

/// Those to the second store of a failover are never long: FailoverOptions::other_link.
storage::OtherLink other_link_of_second(const config::Settings& settings, storage::PairKind kind,
                                        const aws::Credentials& link_credentials, const Clock& clock) {
    return kind == storage::PairKind::failover ? link_through_fadeout(settings, link_credentials, clock)
                                               : other_link(settings, link_credentials, clock);
}

/// How long a store may say nothing. Where there is another one to turn to, or nothing depends on this one,
/// it is given up sooner: each of three attempts waits so long.
constexpr Duration usual_stall{15'000}, stall_of_two{4'000};

std::string object_folder(const config::Settings& settings, const std::string& url) {
    return local_path(url, "file", settings.data + "/objects", "The store's URL", store_forms);
}

std::unique_ptr<storage::ObjectStore> open_plain(const config::Settings& settings, const std::string& url,
                                                 const aws::Credentials& link_credentials, const Clock& clock,
                                                 storage::OtherLink long_link, Duration stall = usual_stall) {
    if (storage::is_s3_url(url)) {
        storage::S3Location location = storage::parse_s3_url(url, settings.store.region);
        auto keys = credentials(clock, location.profile);
        return std::make_unique<storage::S3Store>(
            storage::S3Options{.location = std::move(location),
                               .credentials = std::move(keys),
                               .retry = {},
                               .stall = stall,
                               .public_endpoints = public_endpoints(settings)},
            clock, std::move(long_link));
    }
    return std::make_unique<storage::DiskStore>(
        storage::DiskOptions{.root = object_folder(settings, url),
                             .bucket = settings.store.bucket,
                             .public_url = config::public_url(settings),
                             .credentials = link_credentials,
                             .region = settings.store.region,
                             .public_endpoints = public_endpoints(settings)},
        clock);
}

/// Which store a URL names, whatever keys its requests are signed with.
std::string name_of(const config::Settings& settings, const std::string& url) {
    if (!storage::is_s3_url(url))
        return "file://" + (std::filesystem::path(object_folder(settings, url)) / settings.store.bucket)
                               .lexically_normal()
                               .string();
    const storage::S3Location location = storage::parse_s3_url(url, settings.store.region);
    return fmt::format("{}://{} at {}", location.provider, location.bucket, location.endpoint);
}

/// Where the objects really lie: for telling whether two URLs mean the same store.
std::string place_of(const config::Settings& settings, const std::string& url) {
    if (!storage::is_s3_url(url)) {
        const std::filesystem::path folder =
            std::filesystem::path(object_folder(settings, url)) / settings.store.bucket;
        std::error_code failure;
        const auto real = std::filesystem::weakly_canonical(folder, failure);
        return (failure ? folder.lexically_normal() : real).string();
    }
    const storage::S3Location location = storage::parse_s3_url(url, settings.store.region);
    const storage::PublicUrl endpoint = storage::PublicUrl::parse(location.endpoint);
    return fmt::format("{}{}/{}", endpoint.origin, endpoint.path, location.bucket);
}

std::string bucket_of(const config::Settings& settings, const std::string& url) {
    return storage::is_s3_url(url) ? storage::parse_s3_url(url, settings.store.region).bucket
                                   : settings.store.bucket;
}

/// What `call` returns; its errors say that they are about the first or the second store.
template <class Call>
auto of_part(std::string_view which, Call call) {
    try {
        return call();
    } catch (const Error& error) {
        throw Error(error.kind(), fmt::format("The {} store: {}", which, error.what()), error.detail());
    }
}

/// Error(invalid) for two stores that cannot be one. Links to a file of the second store lead through
/// fadeout, which answers for the bucket of the first.
void check_pair(const config::Settings& settings, const storage::PairUrl& url) {
    const auto first = of_part("first", [&] { return place_of(settings, url.first); });
    const auto second = of_part("second", [&] { return place_of(settings, url.second); });
    if (first == second)
        throw Error(
            ErrorKind::invalid,
            "Both stores of the mirror or failover store are the same one, which keeps nothing twice. "
            "Name two different ones, or one alone.");
    const std::string bucket = bucket_of(settings, url.first);
    if (url.kind == storage::PairKind::failover && !storage::is_s3_url(url.second) &&
        bucket_of(settings, url.second) != bucket)
        throw Error(
            ErrorKind::invalid,
            fmt::format("A failover store on disk needs the bucket name of the first one, so that links "
                        "lead to both: set --bucket {}.",
                        bucket));
}

/// Needs `stores.queue`.
void open_pair(const config::Settings& settings, const storage::PairUrl& url, const Clock& clock,
               const LogLine& log, Stores& stores) {
    check_pair(settings, url);
    const aws::Credentials& keys = stores.link_credentials;
    const auto open = [&](std::string_view which, const std::string& part, storage::OtherLink long_link) {
        return of_part(which, [&] {
            return open_plain(settings, part, keys, clock, std::move(long_link), stall_of_two);
        });
    };
    auto first = open("first", url.first, other_link(settings, keys, clock));
    auto second = open("second", url.second, other_link_of_second(settings, url.kind, keys, clock));
    const bool is_mirror = url.kind == storage::PairKind::mirror;
    const std::string name = fmt::format("{}:{},{}", is_mirror ? "mirror" : "failover",
                                         name_of(settings, url.first), name_of(settings, url.second));
    stores.pair.emplace(service::StorePair{*first, *second, is_mirror, name});
    const storage::AskForRepair ask = [&queue = *stores.queue, &clock, name](
                                          const storage::Key& key, storage::Missed missed, Duration delay) {
        service::ask_for_repair(queue, clock, name, key, missed, delay);
    };
    if (is_mirror) {
        stores.objects = std::make_unique<storage::MirrorStore>(
            std::move(first), std::move(second),
            storage::MirrorOptions{
                settings.store.mirror == "repair" ? storage::MirrorMode::repair : storage::MirrorMode::both,
                ask, log});
    } else {
        auto failover = std::make_unique<storage::FailoverStore>(
            std::move(first), std::move(second),
            storage::FailoverOptions{.ask_for_repair = ask,
                                     .other_link = link_through_fadeout(settings, keys, clock),
                                     .log = log});
        stores.find_result = [&store = *failover](const storage::Key& key) {
            return store.head_before_write(key);
        };
        stores.objects = std::move(failover);
    }
}

std::unique_ptr<records::RecordStore> open_records(const config::Settings& settings, const Clock& clock) {
    if (settings.records.url.starts_with("dynamodb://"))
        return std::make_unique<records::DynamoDbRecordStore>(
            records::dynamodb::parse_url(settings.records.url, settings.store.region), credentials(clock),
            clock);
    return std::make_unique<records::SqliteRecordStore>(
        local_path(settings.records.url, "sqlite", settings.data + "/records.db", "The records' URL",
                   record_forms),
        clock);
}

std::unique_ptr<jobs::JobQueue> open_queue(const config::Settings& settings, const Clock& clock) {
    jobs::Limits limits;
    limits.attempts = settings.jobs.attempts;
    limits.queued = static_cast<std::size_t>(settings.jobs.max_queued);
    if (!has_embedded_queue(settings))
        return std::make_unique<jobs::RedisJobQueue>(settings.queue.url, clock, limits, jobs::system_random,
                                                     jobs::RedisOptions{}, service::webhook_after);
    return std::make_unique<jobs::SqliteJobQueue>(
        local_path(settings.queue.url, "sqlite", settings.data + "/jobs.db", "The queue's URL", queue_forms),
        clock, limits, jobs::system_random, service::webhook_after);
}

}  // namespace

bool has_embedded_queue(const config::Settings& settings) {
    return !settings.queue.url.starts_with("redis://") && !settings.queue.url.starts_with("rediss://");
}

Stores open_stores(const config::Settings& settings, const Clock& clock, const LogLine& log) {
    make_folder(settings.data);
    Stores stores;
    stores.link_credentials = storage::load_or_create_signing_key(config::signing_key_file(settings));
    stores.records = open_records(settings, clock);
    stores.queue = open_queue(settings, clock);
    if (const auto pair = storage::parse_pair_url(settings.store.url))
        open_pair(settings, *pair, clock, log, stores);
    else
        stores.objects = open_plain(settings, settings.store.url, stores.link_credentials, clock,
                                    other_link(settings, stores.link_credentials, clock));
    return stores;
}

std::unique_ptr<storage::ObjectStore> open_store(const config::Settings& settings, const std::string& url,
                                                 bool must_exist, const Clock& clock) {
    if (storage::parse_pair_url(url))
        throw Error(ErrorKind::invalid, "Name one store here, not a mirror or failover store.");
    if (url.empty()) throw Error(ErrorKind::invalid, "Name the store: file:///dir, s3:// or r2://.");
    if (must_exist && !storage::is_s3_url(url)) {
        const std::string folder = object_folder(settings, url) + '/' + settings.store.bucket;
        if (!std::filesystem::is_directory(folder))
            throw Error(ErrorKind::not_found,
                        fmt::format("There is no folder {} to copy from. --bucket names the folder below "
                                    "that of the URL.",
                                    folder));
    }
    return open_plain(settings, url, {}, clock, {});
}

cli::StateParts state_parts(const config::Settings& settings, const Clock& clock) {
    using OpenedStore = std::unique_ptr<storage::ObjectStore>;
    const auto keys = std::make_shared<aws::Credentials>();
    cli::StateParts parts;
    parts.open_data = [&settings, keys] {
        make_folder(settings.data);
        *keys = storage::load_or_create_signing_key(config::signing_key_file(settings));
    };
    parts.open_records = [&] { return open_records(settings, clock); };
    parts.open_queue = [&] { return open_queue(settings, clock); };
    const auto open = [&settings, &clock, keys](const std::string& url) -> OpenedStore {
        return open_plain(settings, url, *keys, clock, other_link(settings, *keys, clock));
    };
    try {
        const auto pair = storage::parse_pair_url(settings.store.url);
        if (!pair) {
            parts.stores = {{"", [&settings, open] { return open(settings.store.url); }}};
            return parts;
        }
        const auto open_second = [&settings, &clock, keys, url = *pair]() -> OpenedStore {
            check_pair(settings, url);
            return open_plain(settings, url.second, *keys, clock,
                              other_link_of_second(settings, url.kind, *keys, clock));
        };
        parts.stores = {{"1st ", [open, url = pair->first] { return open(url); }}, {"2nd ", open_second}};
    } catch (const Error& error) {
        parts.stores = {{"", [error]() -> OpenedStore { throw Error(error); }}};
    }
    return parts;
}

Stores stores_in_memory(const Clock& clock) {
    return {.objects = std::make_unique<storage::MemoryStore>(clock),
            .records = std::make_unique<records::MemoryRecordStore>(clock),
            .queue = std::make_unique<jobs::MemoryJobQueue>(clock),
            .link_credentials = {},
            .pair = std::nullopt,
            .find_result = {}};
}

}  // namespace fadeout::app
