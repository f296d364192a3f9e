#pragma once
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "cleanup/plan.h"
#include "cleanup/temporary.h"
#include "cleanup/walk.h"
#include "records/record_store.h"
#include "storage/object_store.h"

namespace fadeout::cleanup {

/// What became of one key.
struct Item {
    std::string key;
    std::string action;  ///< "delete", "keep" or "failed"
    std::string reason;  ///< "link expired", "link still valid, kept until 2026-11-20T23:59:00Z", ...
};

struct Summary {
    std::uint64_t deleted = 0;  ///< keys of which nothing is left; with dry_run: would be left
    std::uint64_t kept = 0;
    std::uint64_t failed = 0;  ///< these stay due
    std::uint64_t bytes = 0;   ///< freed
    std::uint64_t unfinished_uploads = 0;
    bool dry_run = false;
    bool complete = true;                          ///< false: stopped or at max_deletions before the end
    std::map<std::string, std::uint64_t> reasons;  ///< deleted and kept keys per class of reason
};

/// Hears every decision as it is carried out, and how many keys were looked at. Either may be empty.
struct Observer {
    std::function<void(const Item&)> on_item;
    std::function<void(std::uint64_t seen)> on_progress;
};

struct RunOptions {
    bool dry_run = false;
    std::uint64_t max_deletions = std::numeric_limits<std::uint64_t>::max();
    Time as_of = Time::max();  ///< decide as if it were no later than this
    std::size_t page = Walk::max_page;
    /// Asked for each page, also where nothing of it is due, and right before each batch of deletions; once
    /// it says no, nothing more is deleted and the run ends, incomplete. What it throws comes out of the run.
    std::function<bool()> may_delete = [] { return true; };
};

/// Carries out what plan() decides for everything under a temporary path: objects first, then their records,
/// in batches of up to 1,000. A key that fails is counted, stays due and stops nothing. A run that was
/// stopped, killed or limited is resumed by another run.
class Sweeper {
  public:
    Sweeper(storage::ObjectStore& objects, records::RecordStore& records, const Clock& clock,
            const TemporaryPrefixes& prefixes)
        : objects_(objects), records_(records), clock_(clock), prefixes_(prefixes) {}

    /// Throws Error only if objects or records cannot be listed.
    Summary run(const TemporaryPath& path, const Policy& policy, const RunOptions& options,
                const Observer& observer, std::stop_token stop);

  private:
    storage::ObjectStore& objects_;
    records::RecordStore& records_;
    const Clock& clock_;
    const TemporaryPrefixes& prefixes_;
};

}  // namespace fadeout::cleanup
