#include "config/table.h"

#include <algorithm>

#include "config/valid.h"

namespace fadeout::config {

namespace {

using namespace std::chrono_literals;

constexpr Duration shortest_link = 1s;  // bounds of a signed link: Amazon S3, query string authentication
constexpr Duration longest_link = 168h;
constexpr std::uint64_t mib = 1ULL << 20;
constexpr std::uint64_t tib = 1ULL << 40;

// The member of Settings that a row is about. A row's second column is its flag where that is not made from
// its name.
#define MEMBER(member)          \
    [](Settings & s) -> auto& { \
        return s.member;        \
    }

std::vector<Setting> places() {
    return {
        {"data",
         "",
         Text{MEMBER(data), is_not_empty, "a folder"},
         "Folder that holds everything: objects, records, jobs and the signing key. Made at the first start.",
         {}},
        {"public_url",
         "",
         Text{MEMBER(public_url), is_base_url, "an http:// or https:// URL"},
         "Where clients reach this server: signed links begin with it. Empty: http:// and the listen "
         "address.",
         {}},
        {"store.url",
         "store",
         Text{MEMBER(store.url), nullptr, "a URL such as file:///var/lib/fadeout/objects"},
         "Where objects live: file://, s3:// or r2://, or two of these: mirror:URL,URL keeps both alike, "
         "failover:URL,URL writes to the second while the first fails. Empty: the folder objects under the "
         "data folder.",
         {},
         true},
        {"store.bucket",
         "bucket",
         Text{MEMBER(store.bucket), is_bucket, "a bucket name (3 to 63 of a-z 0-9 - .)"},
         "Bucket that objects are kept in; on disk a folder of the store.",
         {{"AWS_S3_BUCKET"}}},
        {"store.region",
         "region",
         Text{MEMBER(store.region), is_region, "a region name such as us-east-1"},
         "Region that signed links are made for.",
         {{"AWS_REGION"}}},
        {"store.short_credentials",
         "",
         Choice{MEMBER(store.short_credentials), {"refuse", "redirect"}},
         "Where the store's credentials end before a link does. refuse: the server does not start. redirect: "
         "the link leads to this server, which sends on to a freshly signed one.",
         {}},
        {"store.signing_key_file",
         "",
         Text{MEMBER(store.signing_key_file), nullptr, "a file"},
         "File of the key that signs links which this server itself answers; made where it is missing. The "
         "same on all nodes. Empty: signing.key in the data folder.",
         {}},
        {"store.mirror",
         "",
         Choice{MEMBER(store.mirror), {"both", "repair"}},
         "Of a mirror store. both: what cannot be written to both stores fails. repair: the first store "
         "decides, and jobs of type repair mend the second.",
         {}},
        {"store.public_endpoints",
         "",
         List{MEMBER(store.public_endpoints), is_base_url, "http:// or https:// URLs"},
         "Further URLs below which the bucket's keys lie, such as https://cdn.example.com for a public "
         "domain or "
         "http://gateway:7480/bucket: objects named by them are known as the store's own.",
         {}},
        {"records.url",
         "records",
         Text{MEMBER(records.url), nullptr, "a URL such as sqlite:///var/lib/fadeout/r.db"},
         "Where the records of temporary speech live: sqlite:// or dynamodb://. Empty: a database under the "
         "data "
         "folder.",
         {},
         true},
        {"records.store_links",
         "",
         Flag{MEMBER(records.store_links)},
         "Whether a record's s3_url holds the signed link; otherwise it holds s3://bucket/key.",
         {}},
        {"queue.url",
         "queue",
         Text{MEMBER(queue.url), nullptr, "a URL such as sqlite:///var/lib/fadeout/jobs.db"},
         "Where jobs are queued: sqlite:// or redis://. Empty: a database under the data folder.",
         {{"REDIS_URL"}},
         true},
    };
}

std::vector<Setting> server() {
    return {
        {"http.listen",
         "listen",
         Text{MEMBER(http.listen), is_listen_address, "HOST:PORT"},
         "Address to listen on. Port 0 takes any free one.",
         {}},
        {"http.api_key_file",
         "api-key-file",
         Text{MEMBER(http.api_key_file), nullptr, "a file"},
         "File with the API keys that clients must send, one on each line. Empty: no key is asked for.",
         {}},
        {"http.listen_without_keys",
         "listen-without-keys",
         Flag{MEMBER(http.listen_without_keys)},
         "Allows listening beyond this machine without API keys.",
         {}},
        {"http.io_threads",
         "",
         Number{MEMBER(http.io_threads), 0, 256},
         "Threads that serve connections. 0: one per core.",
         {}},
        {"http.fast_workers",
         "",
         Number{MEMBER(http.fast_workers), 1, 1024},
         "Threads for short work: records, jobs, links, uploads.",
         {}},
        {"http.fast_queue",
         "",
         Number{MEMBER(http.fast_queue), 1, 100'000},
         "Short requests that may wait; more are answered 429.",
         {}},
        {"http.speech_workers",
         "",
         Number{MEMBER(http.speech_workers), 0, 1024},
         "Threads that speak while the client waits. 0: two per core, at least 16.",
         {}},
        {"http.speech_queue",
         "",
         Number{MEMBER(http.speech_queue), 1, 100'000},
         "Speech requests that may wait; more are answered 429.",
         {}},
        {"http.slow_workers",
         "",
         Number{MEMBER(http.slow_workers), 0, 1024},
         "Threads for long work: transcoding and waveforms. 0: one per core.",
         {}},
        {"http.slow_queue",
         "",
         Number{MEMBER(http.slow_queue), 1, 100'000},
         "Long requests that may wait; more are answered 429.",
         {}},
        {"http.max_connections",
         "",
         Number{MEMBER(http.max_connections), 1, 1'000'000},
         "Open connections; more are closed at once.",
         {}},
        {"http.header_timeout",
         "",
         Span{MEMBER(http.header_timeout), 1s, 10min},
         "Time in which a request's header must have arrived.",
         {}},
        {"http.stall_timeout",
         "",
         Span{MEMBER(http.stall_timeout), 1s, 1h},
         "Time that a client may let the server wait while a body is sent or received.",
         {}},
        {"http.idle_timeout",
         "",
         Span{MEMBER(http.idle_timeout), 1s, 1h},
         "Time that a connection may wait for its next request.",
         {}},
        {"http.request_timeout",
         "",
         Span{MEMBER(http.request_timeout), 1s, 24h},
         "Longest work on one request, waiting for a thread included; then it is answered 504.",
         {}},
        {"http.shutdown_grace",
         "",
         Span{MEMBER(http.shutdown_grace), 0s, 1h},
         "Time that requests and jobs have to finish after SIGTERM; then jobs are put back.",
         {}},
        {"http.cors_origins",
         "",
         List{MEMBER(http.cors_origins), is_cors_origin, "origins such as https://app.example.com, or *"},
         "Web origins whose pages may call every route. /transcode and /waveform may be called by any.",
         {}},
        {"http.max_upload_bytes",
         "",
         Size{MEMBER(http.max_upload_bytes), 1, 64 * tib},
         "Largest original that may be uploaded by a signed link.",
         {}},
    };
}

std::vector<Setting> media() {
    return {
        {"speech.default_voice",
         "",
         Text{MEMBER(speech.default_voice), is_not_empty, "the id of a voice"},
         "Voice for requests that name none.",
         {}},
        {"speech.link_expiry",
         "",
         Span{MEMBER(speech.link_expiry), shortest_link, longest_link},
         "How long spoken audio and its link live.",
         {}},
        {"speech.max_characters",
         "",
         Number{MEMBER(speech.max_characters), 1, 10'000'000},
         "Longest text that is spoken while the client waits.",
         {}},
        {"speech.max_job_characters",
         "",
         Number{MEMBER(speech.max_job_characters), 1, 100'000'000},
         "Longest text of a speech job.",
         {}},
        {"transcode.link_expiry",
         "",
         Span{MEMBER(transcode.link_expiry), shortest_link, longest_link},
         "How long the link to a result lives.",
         {}},
        {"processor.url",
         "",
         Text{MEMBER(processor.url), is_processor,
              "an http:// or https:// URL, or the ARN of a Lambda function"},
         "Remote function that process jobs are handed to first: its URL (/transcode is added where it has "
         "no path) "
         "or the ARN of an AWS Lambda function. Empty: everything is rendered in process.",
         {{"AWS_LAMBDA_AUDIO_PROCESSOR_URL"}},
         true},
        {"processor.timeout",
         "",
         Span{MEMBER(processor.timeout), 1s, 1h},
         "Time that the remote function has for one file; then it is rendered in process.",
         {}},
        {"upload.link_expiry",
         "",
         Span{MEMBER(upload.link_expiry), shortest_link, longest_link},
         "How long a link to upload an original lives.",
         {}},
        {"limits.input_bytes",
         "",
         Size{MEMBER(limits.input_bytes), 1, 64 * tib},
         "Largest source that is read.",
         {}},
        {"limits.duration",
         "",
         Span{MEMBER(limits.duration), 1s, 720h},
         "Longest audio that is decoded.",
         {}},
        {"limits.allocation_bytes",
         "",
         Size{MEMBER(limits.allocation_bytes), mib, 1ULL << 31},
         "Largest single piece of memory that a decoder may ask for.",
         {}},
        {"source.allow",
         "",
         List{MEMBER(source.allow), is_not_empty, "host names, addresses or CIDR ranges"},
         "Hosts that source URLs and webhooks may reach although they are not public.",
         {}},
        {"source.connect_timeout",
         "",
         Span{MEMBER(source.connect_timeout), 1s, 5min},
         "Time to look up a source's host and connect to it.",
         {}},
        {"source.stall_timeout",
         "",
         Span{MEMBER(source.stall_timeout), 1s, 10min},
         "Time that a source may send nothing.",
         {}},
        {"source.total_timeout",
         "",
         Span{MEMBER(source.total_timeout), 1s, 24h},
         "Time that fetching one source may take in all.",
         {}},
    };
}

std::vector<Setting> upkeep() {
    return {
        {"sweep.enabled",
         "",
         Flag{MEMBER(sweep.enabled)},
         "Whether the server sweeps by itself, hourly and daily.",
         {}},
        {"sweep.mode",
         "",
         Choice{MEMBER(sweep.mode), {"promise", "day"}},
         "promise: each object goes when its own link has expired. day: yesterday's whole folder goes at the "
         "daily "
         "run.",
         {}},
        {"sweep.daily_at",
         "",
         Text{MEMBER(sweep.daily_at), is_time_of_day, "a time HH:MM"},
         "Time of the daily sweep, UTC.",
         {}},
        {"sweep.orphans_after",
         "",
         Span{MEMBER(sweep.orphans_after), 1s, 8760h},
         "Age at which an object without record, or a record without object, is removed.",
         {}},
        {"sweep.uploads_after",
         "",
         Span{MEMBER(sweep.uploads_after), 1s, 8760h},
         "Age at which an unfinished write is removed.",
         {}},
        {"sweep.lease",
         "",
         Span{MEMBER(sweep.lease), 1s, 10min},
         "Of many nodes one sweeps. When it is killed, another takes over after this time and a fifth of it.",
         {}},
        {"sweep.max_deletions",
         "",
         Number{MEMBER(sweep.max_deletions), 0, 2'000'000'000},
         "Most objects that one run of sweep or cleanup deletes; the rest stays due. 0: no limit.",
         {}},
        {"cleanup.temporary_prefixes",
         "",
         List{MEMBER(cleanup.temporary_prefixes), is_folder,
              "folders of the store ending in / (never pitches/ or uploads/)"},
         "The only folders whose content cleanup may delete.",
         {}},
        {"cleanup.delay",
         "",
         Span{MEMBER(cleanup.delay), 0s, 8760h},
         "How long temporary objects of a remote processor stay after their result was stored.",
         {{"AUDIO_CLEANUP_DELAY_MINUTES", "m"}}},
        {"cleanup.temp_files",
         "",
         Flag{MEMBER(cleanup.temp_files)},
         "Whether temporary objects of a remote processor are deleted at all.",
         {{"AUDIO_CLEANUP_TEMP_FILES"}}},
        {"cleanup.progressive",
         "",
         Flag{MEMBER(cleanup.progressive)},
         "Whether they are deleted as soon as the result is stored, without cleanup.delay.",
         {}},
        {"jobs.threads",
         "jobs",
         Number{MEMBER(jobs.threads), -1, 1024},
         "Jobs that run at the same time. 0: accept jobs without running them. -1: 2, but none for serve "
         "where the "
         "queue is Redis: there worker runs them.",
         {}},
        {"jobs.attempts",
         "",
         Number{MEMBER(jobs.attempts), 1, 100},
         "Failed attempts after which a job is dead.",
         {}},
        {"jobs.max_queued",
         "",
         Number{MEMBER(jobs.max_queued), 1, 100'000'000},
         "Jobs that may wait; more are answered 429.",
         {}},
        {"jobs.keep_ended",
         "",
         Span{MEMBER(jobs.keep_ended), 1min, 87600h},
         "How long ended jobs can be asked for.",
         {}},
        {"report.prices",
         "",
         List{MEMBER(report.prices), is_not_empty, "prices such as storage_gb_month=0.021"},
         "US dollars that the report reckons with instead of the list prices of S3 and R2: storage_gb_month, "
         "write_1000, read_1000, transfer_gb.",
         {}},
        {"webhooks.secret_file",
         "webhook-secret-file",
         Text{MEMBER(webhooks.secret_file), nullptr, "a file"},
         "File with the secrets that sign webhooks: on each line the beginning of an endpoint's URL, a "
         "space, and "
         "its secret whsec_... Empty: no job may name a webhook.",
         {}},
        {"webhooks.threads",
         "",
         Number{MEMBER(webhooks.threads), 1, 1024},
         "Webhooks that are delivered at the same time, besides the jobs that run.",
         {}},
        {"log.level",
         "",
         Choice{MEMBER(log.level), {"trace", "", "info", "warn", "error", "off"}},
         "What is logged, to standard error.",
         {}},
        {"log.format",
         "",
         Choice{MEMBER(log.format), {"auto", "", "json"}},
         "auto: text on a terminal, JSON otherwise.",
         {}},
    };
}

#undef MEMBER

/// The flag of a setting that has no shorter one of its own: "speech.link_expiry" -> "speech-link-expiry".
std::string flag_of(std::string_view name) {
    std::string flag(name);
    std::ranges::replace(flag, '.', '-');
    std::ranges::replace(flag, '_', '-');
    return flag;
}

std::vector<Setting> build_table() {
    std::vector<Setting> all;
    for (auto* part : {places, server, media, upkeep}) std::ranges::move(part(), std::back_inserter(all));
    for (Setting& setting : all)
        if (setting.flag.empty()) setting.flag = flag_of(setting.name);
    return all;
}

}  // namespace

std::string Setting::environment() const {
    std::string out = "FADEOUT_";
    for (const char c : flag)
        out += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    return out;
}

std::string_view Setting::section() const {
    const std::size_t dot = name.find('.');
    return dot == std::string_view::npos ? std::string_view() : name.substr(0, dot);
}

const std::vector<Setting>& table() {
    static const std::vector<Setting> all = build_table();
    return all;
}

const Setting* find(std::string_view name) {
    const auto at = std::ranges::find(table(), name, &Setting::name);
    return at == table().end() ? nullptr : &*at;
}

}  // namespace fadeout::config
