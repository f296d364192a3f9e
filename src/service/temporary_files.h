#pragma once
#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "base/clock.h"
#include "cleanup/temporary.h"
#include "jobs/job_queue.h"
#include "service/job_type.h"
#include "service/log_line.h"
#include "storage/object_store.h"

namespace fadeout::service {

struct TemporaryFilesOptions {
    bool enabled = true;       ///< false: nothing is scheduled
    bool progressive = false;  ///< due at once instead of after `delay`
    Duration delay{std::chrono::minutes(60)};
    std::vector<std::string> prefixes{"temp-audio/", "processed-audio/"};  ///< nothing else is ever deleted
};

/// Deletes what a remote function left behind once its result is stored, by delayed durable jobs.
class TemporaryFiles {
  public:
    /// Error(invalid) for prefixes that could reach results or originals.
    TemporaryFiles(storage::ObjectStore& objects, jobs::JobQueue& queue, const Clock& clock, LogLine log,
                   TemporaryFilesOptions options);

    /// Queues one clean-up of `named` (keys, or URLs of the store) for the sake of the result at `final_key`,
    /// which must be stored; `method` tells how that came, in the words of ProcessingMethod. Once per
    /// `run_id` and set of keys, however often it is called. Does nothing where none of `named` is an object
    /// of the store, or where this is switched off.
    void schedule(const std::vector<std::string>& named, const storage::Key& final_key,
                  std::string_view method, const std::string& run_id);

    /// One clean-up: {"keys": [...], "final_key", "processing_method"} -> {"deleted", "refused", "failed",
    /// "kept", "bytes", "reason"}. Nothing is deleted unless the final object is there. A key is refused
    /// where it is the final one, lies under no temporary prefix, or is speech, which ends with its own link.
    /// Error(unavailable) where a deletion fails: the job stays due.
    boost::json::object clean(const boost::json::object& body);

  private:
    std::optional<cleanup::TemporaryKey> admit(const std::string& text, const storage::Key& final_key) const;

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
