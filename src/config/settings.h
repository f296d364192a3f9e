#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"

namespace fadeout::config {

/// Every setting, with its default. A member's path is the setting's name: speech.link_expiry. What each one
/// means, accepts, and is called on the command line and in the environment stands in the rows (rows.h).
struct Settings {
    std::string data = "fadeout-data";
    std::string public_url;  ///< empty: derived from http.listen; read it through public_url()

    struct Store {
        std::string url;  ///< empty: {data}/objects
        std::string bucket = "fadeout";
        std::string region = "us-east-1";
        std::string short_credentials = "refuse";
        std::string signing_key_file;  ///< empty: {data}/signing.key; read it through signing_key_file()
        std::string mirror = "both";
        std::vector<std::string> public_endpoints;
    } store;

    struct Records {
        std::string url;  ///< empty: a database under {data}
        bool store_links = true;
    } records;

    struct Queue {
        std::string url;  ///< empty: a database under {data}
    } queue;

    struct Http {
        std::string listen = "127.0.0.1:8080";
        std::string api_key_file;
        bool listen_without_keys = false;
        int io_threads = 0;  ///< 0: one per core
        int fast_workers = 4;
        int fast_queue = 1024;
        int speech_workers = 0;  ///< 0: two per core, at least 16
        int speech_queue = 256;
        int slow_workers = 0;  ///< 0: one per core
        int slow_queue = 32;
        int max_connections = 1024;
        Duration header_timeout{std::chrono::seconds(5)};
        Duration stall_timeout{std::chrono::seconds(20)};
        Duration idle_timeout{std::chrono::seconds(60)};
        Duration request_timeout{std::chrono::seconds(300)};
        Duration shutdown_grace{std::chrono::seconds(30)};
        std::vector<std::string> cors_origins;
        std::uint64_t max_upload_bytes = 4ULL << 30;
    } http;

    struct Speech {
        std::string default_voice = "en-us";
        Duration link_expiry{std::chrono::hours(24)};
        int max_characters = 10'000;
        int max_job_characters = 1'000'000;
    } speech;

    struct Transcode {
        Duration link_expiry{std::chrono::seconds(600)};
    } transcode;

    struct Upload {
        Duration link_expiry{std::chrono::hours(1)};
    } upload;

    struct Limits {
        std::uint64_t input_bytes = 4ULL << 30;
        Duration duration{std::chrono::hours(12)};
        std::uint64_t allocation_bytes = 64ULL << 20;
    } limits;

    struct Source {
        std::vector<std::string> allow;
        Duration connect_timeout{std::chrono::seconds(10)};
        Duration stall_timeout{std::chrono::seconds(15)};
        Duration total_timeout{std::chrono::minutes(30)};
    } source;

    struct Sweep {
        bool enabled = true;
        std::string mode = "promise";
        std::string daily_at = "12:00";
        Duration orphans_after{std::chrono::hours(24)};
        Duration uploads_after{std::chrono::hours(24)};
        Duration lease{std::chrono::seconds(45)};
        int max_deletions = 0;  ///< per run; 0: no limit
    } sweep;

    struct Cleanup {
        std::vector<std::string> temporary_prefixes{"temp-audio/", "processed-audio/"};
        Duration delay{std::chrono::minutes(60)};
        bool temp_files = true;
        bool progressive = false;
    } cleanup;

    struct Processor {
        std::string url;  ///< empty: everything is rendered in process
        Duration timeout{std::chrono::seconds(300)};
    } processor;

    struct Jobs {
        int threads = -1;  ///< -1: 2, but none for serve with a shared queue
        int attempts = 5;
        int max_queued = 100'000;
        Duration keep_ended{std::chrono::hours(24 * 7)};
    } jobs;

    struct Report {
        std::vector<std::string> prices;
    } report;

    struct Webhooks {
        std::string secret_file;
        int threads = 4;
    } webhooks;

    struct Log {
        std::string level = "info";
        std::string format = "auto";
    } log;
};

/// Where an address setting points. `host` is without brackets; "" listens on every address.
struct ListenAddress {
    std::string host;
    std::uint16_t port = 0;  ///< 0: any free one
};

/// "127.0.0.1:8080", "[::1]:8080", "localhost:8080", ":8080". Error(invalid) otherwise.
ListenAddress parse_listen(std::string_view text);
/// 127.0.0.0/8, ::1 or "localhost": only this machine can connect.
bool is_loopback(const ListenAddress& address);

/// The URL that links are made for, without a slash at its end: public_url, else http:// and http.listen
/// (with "localhost" where that names every address).
std::string public_url(const Settings& settings);

/// The file of the key that signs links which fadeout itself answers.
std::string signing_key_file(const Settings& settings);

/// The rules that join several settings; those of a single one are checked when it is read. Error(invalid)
/// says what to change.
void check(const Settings& settings);
/// Further rules for a server: beyond loopback only with API keys, or told so by http.listen_without_keys.
void check_server(const Settings& settings);

}  // namespace fadeout::config
