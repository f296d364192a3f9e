#pragma once
#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

#include "storage/object_store.h"

namespace fadeout::service {

struct MigrateOptions {
    bool dry_run = false;
    bool missing_only = false;  ///< leaves alone what is in the destination, even if it differs
    std::size_t threads = 8;    ///< objects looked at or copied at a time
    bool count_first = false;   ///< lists the source once more, so that the progress knows the whole
};

struct MigrateItem {
    std::string key;
    std::string action;  ///< "copy" (only with dry_run) or "failed"
    std::string reason;
};

struct MigrateProgress {
    std::uint64_t objects = 0, bytes = 0;              ///< dealt with: copied, or the same already
    std::uint64_t copied_bytes = 0;                    ///< written to the destination
    std::uint64_t total_objects = 0, total_bytes = 0;  ///< 0 without count_first
};

/// Never called on two threads at once.
struct MigrateObserver {
    std::function<void(const MigrateItem&)> on_item{};
    std::function<void(const MigrateProgress&)> on_progress{};
};

struct MigrateSummary {
    std::uint64_t copied = 0;   ///< with dry_run: would be
    std::uint64_t skipped = 0;  ///< were the same already
    std::uint64_t failed = 0;
    std::uint64_t bytes = 0;                ///< of what was copied, or would be
    std::uint64_t skipped_bytes = 0;        ///< of what was the same
    std::uint64_t vanished = 0;             ///< removed from the source meanwhile
    std::uint64_t only_in_destination = 0;  ///< objects that the source does not have; they stay
    std::uint64_t left_out = 0;             ///< objects of the source whose names are no keys
    double seconds = 0;
    bool dry_run = false;
    bool missing_only = false;
    bool complete = false;  ///< the whole source was looked at

    /// A whole pass over a source that holds something found nothing missing, different or changing.
    bool safe_to_cut_over() const;
};

/// Copies to `to` what `from` holds and `to` has not, or has otherwise; removes nothing there. What is the
/// same is skipped, so running it again goes on where it ended. Every copy is verified, see make_alike(). One
/// object's failure does not stop the others; throws Error only where a store cannot be listed. Memory is
/// independent of the number of objects and their sizes: two pages of names, and `threads` objects of which
/// two at most are large.
MigrateSummary migrate(storage::ObjectStore& from, storage::ObjectStore& to, const MigrateOptions& options,
                       const MigrateObserver& observer, std::stop_token stop);

/// {"copied", "skipped", "failed", "bytes", "dry_run", "safe_to_cut_over", ...}
boost::json::object to_json(const MigrateSummary& summary);
boost::json::object to_json(const MigrateItem& item);
/// For people: what was done, and whether it is safe to cut over or what to do next.
std::string to_text(const MigrateSummary& summary);

}  // namespace fadeout::service
