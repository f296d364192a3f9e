#include "service/repair.h"

#include <boost/json/serialize.hpp>

#include "aws/sigv4.h"
#include "service/fields.h"
#include "service/jobs.h"
#include "service/replica.h"
#include "storage/arguments.h"

namespace fadeout::service {

namespace {

constexpr std::string_view type = "repair";
constexpr int max_attempts = 5;
/// A download may begin at the end of its link, and takes its time.
constexpr Duration late_download = std::chrono::hours(1);
/// What was brought home stays in the second store, too, while a link may lead there.
constexpr Duration stray_stays = storage::longest_second_link + late_download;

/// True where the stray object is newer than the one at home, or there is none. The second store is written
/// to only while the first one fails, so of the same second the stray one is the later; and so it is than the
/// copy of an earlier stray one, whenever that was made.
bool belongs_home(const std::optional<storage::ObjectHead>& home, const storage::ObjectHead& stray) {
    return !home || storage::find_metadata(home->attributes, copied_from) ||
           home->info.modified <= stray.info.modified;
}

/// Copies the stray object over `home`, as that was seen. False where another one is there by now.
bool replace_home(const StorePair& stores, const std::optional<storage::ObjectHead>& home,
                  const storage::Key& key, const std::stop_token& stop) {
    const auto before_commit = [&] {
        if (!home) return storage::Existing::keep;
        const auto now = stores.first.head(key);
        if (now && now->info.etag != home->info.etag) throw storage::already_there(key);
        return now ? storage::Existing::replace : storage::Existing::keep;
    };
    try {
        make_alike(stores.second, stores.first, key, WhenGone::keep,
                   {.on_bytes = {}, .stop = stop, .before_commit = before_commit});
        return true;
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::conflict) throw;
        return false;
    }
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

std::string_view bring_home(const StorePair& stores, const storage::Key& key, storage::Missed missed,
                            const std::stop_token& stop) {
    for (int attempt = 0; attempt < max_attempts; ++attempt) {
        const auto stray = stores.second.head(key);
        if (!stray) return "nothing to do";
        const auto home = stores.first.head(key);
        if (belongs_home(home, *stray) && !replace_home(stores, home, key, stop)) continue;
        if (missed == storage::Missed::write) return "brought home";
        if (remove_stray(stores.second, stray->info)) return "removed";
    }
    throw Error(ErrorKind::bad_source, "The object keeps changing while it is brought home.", key.str());
}

std::string_view make_second_alike(const StorePair& stores, const storage::Key& key, storage::Missed missed,
                                   const std::stop_token& stop) {
    const WhenGone when_gone = missed == storage::Missed::removal ? WhenGone::remove : WhenGone::remove_own;
    switch (make_alike(stores.first, stores.second, key, when_gone, {.on_bytes = {}, .stop = stop})) {
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

std::string_view name(storage::Missed missed) {
    return missed == storage::Missed::removal ? "removal" : "write";
}

}  // namespace

std::string_view repair(const StorePair& stores, const storage::Key& key, storage::Missed missed,
                        std::stop_token stop) {
    return stores.is_mirror ? make_second_alike(stores, key, missed, stop)
                            : bring_home(stores, key, missed, stop);
}

void ask_for_repair(jobs::JobQueue& queue, const Clock& clock, const std::string& stores,
                    const storage::Key& key, storage::Missed missed, Duration delay) {
    jobs::NewJob job{.type = std::string(type),
                     .payload = boost::json::serialize(boost::json::object{
                         {"type", type}, {"key", key.str()}, {"stores", stores}, {"missed", name(missed)}}),
                     .run_at = std::nullopt,
                     .idempotency_key = {}};
    if (delay > Duration(0)) {
        job.run_at = clock.now() + delay;
        queue.enqueue(job);
        return;
    }
    // Only one that waits still sees what is asked for now; one that runs or ended may have looked before.
    job.idempotency_key = "repair:" + aws::sha256_hex(job.payload);
    if (queue.enqueue(job).state == jobs::State::queued) return;
    job.idempotency_key.clear();
    queue.enqueue(job);
}

JobType repair_job(const StorePair& stores, jobs::JobQueue& queue, const Clock& clock,
                   RepairOptions options) {
    return {
        .name = std::string(type),
        .check = nullptr,
        .run = [=, &queue, &clock](const jobs::Job& job, const boost::json::object& body,
                                   const audio::OnProgress&, std::stop_token stop) -> boost::json::object {
            const auto key = storage::Key::parse(string_member(body, "key").value_or(""));
            if (string_member(body, "stores") != stores.name)
                return {{"key", key.str()},
                        {"outcome", "nothing to do"},
                        {"reason",
                         "It was noted for other stores than those of today. `fadeout migrate` compares two "
                         "stores."}};
            const auto missed = string_member(body, "missed") == name(storage::Missed::removal)
                                    ? storage::Missed::removal
                                    : storage::Missed::write;
            try {
                const std::string_view outcome = repair(stores, key, missed, std::move(stop));
                if (!stores.is_mirror && missed == storage::Missed::write && outcome != "nothing to do")
                    ask_for_repair(queue, clock, stores.name, key, storage::Missed::removal, stray_stays);
                return {{"key", key.str()}, {"outcome", outcome}};
            } catch (const Error& error) {
                if (error.kind() == ErrorKind::cancelled) throw;
                if (is_retryable(error.kind()) && job.attempts < options.attempts) throw;
                ask_for_repair(queue, clock, stores.name, key, missed, options.pause);
                return {{"key", key.str()}, {"outcome", "postponed"}, {"reason", error.what()}};
            }
        }};
}

}  // namespace fadeout::service
