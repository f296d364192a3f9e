#include "service/temporary_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <span>

#include "aws/sigv4.h"
#include "base/error.h"
#include "base/text.h"
#include "storage/arguments.h"

namespace fadeout::service {

namespace {

struct Removal {
    std::uint64_t deleted = 0, failed = 0, bytes = 0;
    std::string failure;  ///< public message of the last one
};

/// Takes types that cannot express a result or an original.
void remove_batch(storage::ObjectStore& objects, std::span<const cleanup::TemporaryKey> batch,
                  Removal& removal) {
    std::vector<storage::Key> keys;
    std::vector<std::uint64_t> sizes;
    for (const cleanup::TemporaryKey& temporary : batch) {
        const auto head = objects.head(temporary.key());
        if (!head) continue;  // gone already
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

boost::json::object kept(std::size_t keys, const std::string& reason) {
    return {{"deleted", 0}, {"refused", 0}, {"failed", 0}, {"kept", keys}, {"bytes", 0}, {"reason", reason}};
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

void TemporaryFiles::schedule(const std::vector<std::string>& named, const storage::Key& final_key,
                              std::string_view method, const std::string& run_id) {
    if (!options_.enabled) return;
    std::vector<std::string> keys;
    for (const std::string& name : named) {
        std::optional<std::string> key = name;
        if (name.find("://") != std::string::npos) {
            const auto found = objects_.key_in(name);
            const bool is_temporary = found && *found != final_key;
            key = is_temporary ? std::optional(found->str()) : std::nullopt;
        }
        if (key && std::ranges::find(keys, *key) == keys.end()) keys.push_back(*key);
    }
    if (keys.empty()) return;
    const std::string payload =
        boost::json::serialize(boost::json::object{{"keys", boost::json::array(keys.begin(), keys.end())},
                                                   {"final_key", final_key.str()},
                                                   {"processing_method", method}});
    const Time due = clock_.now() + (options_.progressive ? Duration(0) : options_.delay);
    queue_.enqueue({.type = "cleanup",
                    .payload = payload,
                    .run_at = due,
                    .idempotency_key = fmt::format("cleanup-{}-{}", run_id, aws::sha256_hex(payload))});
    log_(Severity::info, fmt::format("Scheduling temporary file cleanup: {} at {}, behind {}", keys.size(),
                                     utc_timestamp(due), final_key.str()));
}

std::optional<cleanup::TemporaryKey> TemporaryFiles::admit(const std::string& text,
                                                           const storage::Key& final_key) const {
    const auto refuse = [&](std::string_view why) {
        log_(Severity::error, fmt::format("Temporary file cleanup refused {}: {}", mask_links(text), why));
        return std::nullopt;
    };
    if (storage::key_fault(text)) return refuse("it is no key");
    const auto key = storage::Key::parse(text);
    if (key == final_key) return refuse("it is the final object itself");
    if (cleanup::speech_id_of(key.str())) return refuse("speech ends with its own link");
    const auto temporary = prefixes_.admit(key);
    return temporary ? temporary : refuse("it lies under no temporary prefix");
}

boost::json::object TemporaryFiles::clean(const boost::json::object& body) {
    const auto final_key = storage::Key::parse(body.at("final_key").as_string());
    const boost::json::array& names = body.at("keys").as_array();
    if (!objects_.head(final_key)) {
        const std::string reason =
            "The final object " + final_key.str() + " is not there, so nothing was deleted.";
        log_(Severity::error, "Temporary file cleanup: " + reason);
        return kept(names.size(), reason);
    }
    std::vector<cleanup::TemporaryKey> keys;
    for (const boost::json::value& name : names)
        if (auto key = admit(std::string(name.as_string()), final_key)) keys.push_back(std::move(*key));
    const std::size_t refused = names.size() - keys.size();

    Removal removal;
    for (std::span<const cleanup::TemporaryKey> rest = keys; !rest.empty();) {
        const std::size_t count = std::min(rest.size(), storage::max_remove_keys);
        remove_batch(objects_, rest.first(count), removal);
        rest = rest.subspan(count);
    }
    log_(removal.failed > 0 ? Severity::error : Severity::info,
         fmt::format("Temporary file cleanup: deleted {} ({}), refused {}, failed {}, behind {}",
                     removal.deleted, format_bytes(removal.bytes), refused, removal.failed, final_key.str()));
    if (removal.failed > 0)
        throw Error(ErrorKind::unavailable,
                    fmt::format("{} of {} temporary objects could not be deleted and stay due: {}",
                                removal.failed, keys.size(), removal.failure));
    return {{"deleted", removal.deleted}, {"refused", refused}, {"failed", 0}, {"kept", 0},
            {"bytes", removal.bytes},     {"reason", nullptr}};
}

JobType cleanup_job(TemporaryFiles& files) {
    return {.name = "cleanup",
            .check = nullptr,
            .run = [&files](const jobs::Job&, const boost::json::object& body, const audio::OnProgress&,
                            std::stop_token) { return files.clean(body); }};
}

}  // namespace fadeout::service
