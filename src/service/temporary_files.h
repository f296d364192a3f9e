#pragma once
#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log_line.h"
#include "cleanup/temporary.h"
#include "jobs/job_queue.h"
#include "service/job_type.h"
#include "storage/object_store.h"

namespace fadeout::service {

struct TemporaryFilesOptions {
    bool enabled = true;       ///< false: nothing is scheduled
    bool progressive = false;  ///< due as soon as the result is stored, and after `delay` at the latest
    Duration delay{std::chrono::minutes(60)};
    std::vector<std::string> prefixes{"temp-audio/", "processed-audio/"};  ///< nothing else is ever deleted
};

/// What a clean-up keeps, whatever is named to it as temporary.
struct KeptObjects {
    storage::Key final_key;                       ///< where fadeout stores the result
    std::optional<storage::Key> direct_key = {};  ///< where the function says that it stored it
    std::optional<storage::Key> original = {};    ///< where it is an object of the store
};

/// Deletes what a remote function left behind, by durable jobs. One is queued as soon as a function has
/// answered, before anything is done with the answer: whatever becomes of the run, also by a kill, what is
/// temporary ends. Each answer has a clean-up of its own, as a function that is asked again stores anew.
class TemporaryFiles {
  public:
    /// Error(invalid) for prefixes that could reach results or originals.
    TemporaryFiles(storage::ObjectStore& objects, jobs::JobQueue& queue, const Clock& clock, LogLine log,
                   TemporaryFilesOptions options);

    /// How long after the answer a clean-up waits for a result that is not stored: longer than it takes to
    /// fetch an output, three tries included. Then what is temporary ends without it.
    static constexpr Duration result_wait{std::chrono::hours(2)};

    /// Queues one clean-up of `named` (keys, or URLs of the store), due after the delay, and returns its id:
    /// for result_is_stored(). Empty where none of `named` is an object of the store, where this is switched
    /// off, and where the queue fails: that is logged, and what is temporary stays.
    std::string schedule(const std::vector<std::string>& named, const KeptObjects& kept);
    /// The result that this clean-up waits for is stored and verified: a progressive one is due now. Where
    /// the queue fails it stays due after the delay.
    void result_is_stored(const std::string& cleanup_id);

    /// One clean-up that was scheduled at that time: {"keys": [...], "final_key", "direct_key"?, "original"?,
    /// "least_age_s"?} -> {"deleted", "refused", "failed", "bytes", "reason"}. A key is refused where it is
    /// one of the kept, lies under no temporary prefix, or is speech, which ends with its own link.
    /// Error(unavailable), so that the job stays due: where a deletion fails, while the result is not stored
    /// (see result_wait), and for an object that is younger than least_age_s, because it was written anew
    /// under its name. Of a later attempt "deleted" counts what the earlier ones deleted too (all that is
    /// gone), but "bytes" does not.
    boost::json::object clean(const boost::json::object& body, Time scheduled, int attempt = 1);

  private:
    std::vector<std::string> keys_of(const std::vector<std::string>& named, const KeptObjects& kept) const;
    std::optional<cleanup::TemporaryKey> admit(const std::string& text, const KeptObjects& kept) const;

    storage::ObjectStore& objects_;
    jobs::JobQueue& queue_;
    const Clock& clock_;
    const LogLine log_;
    const TemporaryFilesOptions options_;
    const cleanup::TemporaryPrefixes prefixes_;
};

/// Jobs of type "cleanup", which nobody may submit. `files` must outlive it.
JobType cleanup_job(TemporaryFiles& files);

}  // namespace fadeout::service
