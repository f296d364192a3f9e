#include "service/repair.h"

#include <boost/json/serialize.hpp>

#include "aws/sigv4.h"
#include "service/fields.h"
#include "service/jobs.h"
#include "service/replica.h"

namespace fadeout::service {

namespace {

constexpr std::string_view type = "repair";
constexpr int max_attempts = 5;

/// True where the stray object is newer than the one at home, or there is none. The second store is written
/// to only while the first one fails, so of the same second the stray one is the later.
bool belongs_home(const std::optional<storage::ObjectHead>& home, const storage::ObjectHead& stray) {
    return !home || home->info.modified <= stray.info.modified;
}

/// False where it was replaced since `stray` was seen.
bool remove_stray(storage::ObjectStore& second, const storage::ObjectInfo& stray) {
    const auto now = second.head(stray.key);
    if (!now) return true;
    if (now->info.etag != stray.etag) return false;
    const auto results = second.remove(std::span(&stray.key, 1));
    if (results.front().error) throw *results.front().error;
    return true;
}

std::string_view bring_home(const StorePair& stores, const storage::Key& key, const std::stop_token& stop) {
    for (int attempt = 0; attempt < max_attempts; ++attempt) {
        const auto stray = stores.second.head(key);
        if (!stray) return "nothing to do";
        if (belongs_home(stores.first.head(key), *stray))
            make_alike(stores.second, stores.first, key, WhenGone::keep, {.on_bytes = {}, .stop = stop});
        if (remove_stray(stores.second, stray->info)) return "brought home";
    }
    throw Error(ErrorKind::bad_source, "The object keeps changing while it is brought home.", key.str());
}

std::string_view make_second_alike(const StorePair& stores, const storage::Key& key,
                                   const std::stop_token& stop) {
    switch (make_alike(stores.first, stores.second, key, WhenGone::remove, {.on_bytes = {}, .stop = stop})) {
        case Alike::copied:
            return "copied";
        case Alike::removed:
            return "removed";
        case Alike::already:
        case Alike::gone:
            break;
    }
    return "nothing to do";
}

storage::Key key_of(const boost::json::object& body) {
    return storage::Key::parse(string_member(body, "key").value_or(""));
}

}  // namespace

std::string_view repair(const StorePair& stores, const storage::Key& key, std::stop_token stop) {
    return stores.is_mirror ? make_second_alike(stores, key, stop) : bring_home(stores, key, stop);
}

void ask_for_repair(jobs::JobQueue& queue, const Clock& clock, const storage::Key& key, Duration delay) {
    jobs::NewJob job{
        .type = std::string(type),
        .payload = boost::json::serialize(boost::json::object{{"type", type}, {"key", key.str()}}),
        .run_at = std::nullopt,
        .idempotency_key = {}};
    if (delay > Duration(0)) {
        job.run_at = clock.now() + delay;
        queue.enqueue(job);
        return;
    }
    // Only one that waits still sees what is asked for now; one that runs or ended may have looked before.
    job.idempotency_key = "repair:" + aws::sha256_hex(key.str());
    if (queue.enqueue(job).state == jobs::State::queued) return;
    job.idempotency_key.clear();
    queue.enqueue(job);
}

JobType repair_job(std::optional<StorePair> stores, jobs::JobQueue& queue, const Clock& clock,
                   RepairOptions options) {
    return {
        .name = std::string(type),
        .check = nullptr,
        .run = [=, &queue, &clock](const jobs::Job& job, const boost::json::object& body,
                                   const audio::OnProgress&, std::stop_token stop) -> boost::json::object {
            if (!stores)
                throw Error(ErrorKind::invalid,
                            "The store is no mirror or failover store any more; there is nothing to "
                            "repair. `fadeout migrate` compares two stores.");
            const storage::Key key = key_of(body);
            try {
                return {{"key", key.str()}, {"outcome", repair(*stores, key, std::move(stop))}};
            } catch (const Error& error) {
                if (!is_retryable(error.kind()) || job.attempts < options.attempts) throw;
                ask_for_repair(queue, clock, key, options.pause);
                return {{"key", key.str()}, {"outcome", "postponed"}, {"reason", error.what()}};
            }
        }};
}

}  // namespace fadeout::service
