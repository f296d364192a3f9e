#include "service/temporary_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <span>

#include "base/error.h"
#include "base/text.h"
#include "storage/arguments.h"

namespace fadeout::service {

namespace {

struct Removal {
    std::uint64_t deleted = 0, gone = 0, failed = 0, young = 0, bytes = 0;
    std::string failure;  ///< public message of the last one
};

/// Takes types that cannot express a result or an original. Leaves what was modified after `newest`.
void remove_batch(storage::ObjectStore& objects, std::span<const cleanup::TemporaryKey> batch, Time newest,
                  Removal& removal) {
    std::vector<storage::Key> keys;
    std::vector<std::uint64_t> sizes;
    for (const cleanup::TemporaryKey& temporary : batch) {
        const auto head = objects.head(temporary.key());
        if (!head) {
            ++removal.gone;
            continue;
        }
        if (head->info.modified > newest) {
            ++removal.young;
            continue;
        }
        keys.push_back(temporary.key());
        sizes.push_back(head->info.size_bytes);
    }
    const auto results = objects.remove(keys);
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (results[i].error) {
            ++removal.failed;
            removal.failure = results[i].error->what();
        } else {
            ++removal.deleted;
            removal.bytes += sizes[i];
        }
    }
}

boost::json::object body_of(const std::vector<std::string>& keys, const KeptObjects& kept) {
    boost::json::object body{{"keys", boost::json::array(keys.begin(), keys.end())},
                             {"final_key", kept.final_key.str()}};
    if (kept.direct_key) body["direct_key"] = kept.direct_key->str();
    if (kept.original) body["original"] = kept.original->str();
    return body;
}

KeptObjects kept_in(const boost::json::object& body) {
    const auto key = [&](std::string_view member) -> std::optional<storage::Key> {
        const auto* value = body.if_contains(member);
        return value ? std::optional(storage::Key::parse(value->as_string())) : std::nullopt;
    };
    return {key("final_key").value(), key("direct_key"), key("original")};
}

bool is_final(const storage::Key& key, const KeptObjects& kept) {
    return key == kept.final_key || key == kept.direct_key;
}

/// For the log: where the function says that the result is, as long as nobody knows better.
const std::string& behind(const KeptObjects& kept) {
    return kept.direct_key ? kept.direct_key->str() : kept.final_key.str();
}

}  // namespace

TemporaryFiles::TemporaryFiles(storage::ObjectStore& objects, jobs::JobQueue& queue, const Clock& clock,
                               LogLine log, TemporaryFilesOptions options)
    : objects_(objects),
      queue_(queue),
      clock_(clock),
      log_(std::move(log)),
      options_(std::move(options)),
      prefixes_(options_.prefixes) {}

std::vector<std::string> TemporaryFiles::keys_of(const std::vector<std::string>& named,
                                                 const KeptObjects& kept) const {
    std::vector<std::string> keys;
    for (const std::string& name : named) {
        std::optional<std::string> key = name;
        if (name.find("://") != std::string::npos) {
            const auto found = objects_.key_in(name);
            if (!found)
                log_(Severity::info,
                     fmt::format(
                         "No temporary file of this store, it stays where it is: {} (a further name of "
                         "the store belongs into store.public_endpoints)",
                         mask_links(name)));
            key = found && !is_final(*found, kept) ? std::optional(found->str()) : std::nullopt;
        }
        if (key && std::ranges::find(keys, *key) == keys.end()) keys.push_back(*key);
    }
    return keys;
}

std::string TemporaryFiles::schedule(const std::vector<std::string>& named, const KeptObjects& kept) {
    if (!options_.enabled) return {};
    const std::vector<std::string> keys = keys_of(named, kept);
    if (keys.empty()) return {};
    const Time due = clock_.now() + options_.delay;
    boost::json::object payload = body_of(keys, kept);
    if (!options_.progressive)
        payload["least_age_s"] = std::chrono::ceil<std::chrono::seconds>(options_.delay).count();
    try {
        const jobs::Job job = queue_.enqueue({.type = "cleanup",
                                              .payload = boost::json::serialize(payload),
                                              .run_at = due,
                                              .idempotency_key = {}});
        log_(Severity::info, fmt::format("Scheduling temporary file cleanup: {} at {}, behind {}",
                                         keys.size(), utc_timestamp(due), behind(kept)));
        return job.id;
    } catch (const Error& error) {
        log_(Severity::error,
             fmt::format("Temporary files behind {} stay, their cleanup could not be scheduled: {}",
                         behind(kept), error.what()));
        return {};
    }
}

void TemporaryFiles::result_is_stored(const std::string& cleanup_id) {
    if (!options_.progressive || cleanup_id.empty()) return;
    try {
        queue_.restart(cleanup_id);
    } catch (const Error& error) {
        log_(Severity::error, fmt::format("Temporary file cleanup {} stays due after its delay: {}",
                                          cleanup_id, error.what()));
    }
}

std::optional<cleanup::TemporaryKey> TemporaryFiles::admit(const std::string& text,
                                                           const KeptObjects& kept) const {
    const auto refuse = [&](std::string_view why) {
        log_(Severity::error, fmt::format("Temporary file cleanup refused {}: {}", mask_links(text), why));
        return std::nullopt;
    };
    if (storage::key_fault(text)) return refuse("it is no key");
    const auto key = storage::Key::parse(text);
    if (is_final(key, kept)) return refuse("it is the final object itself");
    if (key == kept.original) return refuse("it is the original");
    if (cleanup::speech_id_of(key.str())) return refuse("speech ends with its own link");
    const auto temporary = prefixes_.admit(key);
    return temporary ? temporary : refuse("it lies under no temporary prefix");
}

boost::json::object TemporaryFiles::clean(const boost::json::object& body, Time scheduled, int attempt) {
    const KeptObjects kept = kept_in(body);
    const Time now = clock_.now();
    const bool is_stored =
        objects_.head(kept.final_key) || (kept.direct_key && objects_.head(*kept.direct_key));
    if (!is_stored && now < scheduled + result_wait)
        throw Error(ErrorKind::unavailable,
                    fmt::format("The result {} is not stored yet. What is temporary behind it waits for it "
                                "until {}.",
                                behind(kept), utc_timestamp(scheduled + result_wait)));
    const boost::json::array& names = body.at("keys").as_array();
    std::vector<cleanup::TemporaryKey> keys;
    for (const boost::json::value& name : names)
        if (auto key = admit(std::string(name.as_string()), kept)) keys.push_back(std::move(*key));
    const std::size_t refused = names.size() - keys.size();

    const auto* least_age_s = body.if_contains("least_age_s");
    const Duration least_age = std::chrono::seconds(least_age_s ? least_age_s->as_int64() : 0);
    Removal removal;
    for (std::span<const cleanup::TemporaryKey> rest = keys; !rest.empty();) {
        const std::size_t count = std::min(rest.size(), storage::max_remove_keys);
        remove_batch(objects_, rest.first(count), now - least_age, removal);
        rest = rest.subspan(count);
    }
    log_(removal.failed > 0 ? Severity::error : Severity::info,
         fmt::format("Temporary file cleanup: deleted {} ({}), refused {}, failed {}, behind {}{}",
                     removal.deleted, format_bytes(removal.bytes), refused, removal.failed, behind(kept),
                     is_stored ? "" : ", which was never stored"));
    if (removal.failed > 0)
        throw Error(ErrorKind::unavailable,
                    fmt::format("{} of {} temporary objects could not be deleted and stay due: {}",
                                removal.failed, keys.size(), removal.failure));
    if (removal.young > 0)
        throw Error(ErrorKind::unavailable,
                    fmt::format("{} of {} temporary objects were written anew. They stay due until they are "
                                "{} old.",
                                removal.young, keys.size(), format_duration(least_age)));
    // An attempt that ends with an Error leaves no result: what is gone by now, an earlier one deleted.
    if (attempt > 1) removal.deleted += removal.gone;
    boost::json::value reason;
    if (!is_stored) reason = "The result " + behind(kept) + " was never stored; nothing waits for it.";
    return {{"deleted", removal.deleted},
            {"refused", refused},
            {"failed", 0},
            {"bytes", removal.bytes},
            {"reason", std::move(reason)}};
}

JobType cleanup_job(TemporaryFiles& files) {
    return {.name = "cleanup",
            .check = nullptr,
            .run = [&files](const jobs::Job& job, const boost::json::object& body, const audio::OnProgress&,
                            std::stop_token) { return files.clean(body, job.created_at, job.attempts); }};
}

}  // namespace fadeout::service
