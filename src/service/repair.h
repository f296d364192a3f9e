#pragma once
#include <string>

#include "jobs/job_queue.h"
#include "service/job_type.h"
#include "storage/missed.h"
#include "storage/object_store.h"

// What a mirror or failover store leaves to be done later: jobs of type "repair" with the payload
// {"type": "repair", "key", "stores": StorePair::name, "missed": "write" or "removal"}.
// `fadeout jobs list --type repair` shows them.
namespace fadeout::service {

/// The two stores behind a composed one.
struct StorePair {
    storage::ObjectStore& first;
    storage::ObjectStore& second;
    bool is_mirror = true;  ///< false: failover
    /// Which two these are, in which order and joined how, without secrets. A repair is for these alone: with
    /// the stores swapped it would undo what it was noted for.
    std::string name;
};

/// Queues the repair of `key` in the stores of that name, not before `delay` from now. One that waits already
/// to be run at once serves for both. What the queue throws.
void ask_for_repair(jobs::JobQueue& queue, const Clock& clock, const std::string& stores,
                    const storage::Key& key, storage::Missed missed, Duration delay);

/// Mirror: makes the second store's object what the first store's is. Where the first has none, a repair of a
/// removal removes it; that of a write removes only what it copied itself. Failover: brings what lies in the
/// second store home to the first, unless that has a newer object; that of a removal then removes it from the
/// second. May run twice, and beside writers. Returns what it did: "nothing to do", "copied", "removed",
/// "brought home".
std::string_view repair(const StorePair& stores, const storage::Key& key, storage::Missed missed,
                        std::stop_token stop);

struct RepairOptions {
    int attempts = 5;  ///< of the queue; what fails that often is queued anew instead of being given up
    Duration pause = std::chrono::minutes(10);  ///< before it is tried anew then
};

/// One that was noted for other stores than `stores` does nothing, and says so in its result.
JobType repair_job(const StorePair& stores, jobs::JobQueue& queue, const Clock& clock, RepairOptions options);

}  // namespace fadeout::service
