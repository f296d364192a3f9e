#pragma once
#include <optional>

#include "jobs/job_queue.h"
#include "service/job_type.h"
#include "service/log_line.h"
#include "storage/object_store.h"

// What a mirror or failover store leaves to be done later: jobs of type "repair" with the payload
// {"type": "repair", "key"}. `fadeout jobs list --type repair` shows them.
namespace fadeout::service {

/// The two stores behind a composed one.
struct StorePair {
    storage::ObjectStore& first;
    storage::ObjectStore& second;
    bool is_mirror = true;  ///< false: failover
};

/// Queues the repair of `key`, not before `delay` from now. One that waits already to be run at once serves
/// for both. What the queue throws.
void ask_for_repair(jobs::JobQueue& queue, const Clock& clock, const storage::Key& key, Duration delay);

/// Mirror: makes the second store's object what the first store's is; removes it where the first has none.
/// Failover: brings what lies in the second store home to the first, unless that has a newer object, and
/// removes it from the second. May run twice, and beside writers. Returns what it did: "nothing to do",
/// "copied", "removed", "brought home".
std::string_view repair(const StorePair& stores, const storage::Key& key, std::stop_token stop);

struct RepairOptions {
    int attempts = 5;  ///< of the queue; what fails that often is queued anew instead of being given up
    Duration pause = std::chrono::minutes(10);  ///< before it is tried anew then
};

/// Without `stores` a repair fails: it was queued when the store was a composed one.
JobType repair_job(std::optional<StorePair> stores, jobs::JobQueue& queue, const Clock& clock,
                   RepairOptions options);

}  // namespace fadeout::service
