#pragma once
#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "cleanup/plan.h"
#include "cleanup/sweeper.h"
#include "cleanup/temporary.h"
#include "records/record_store.h"
#include "storage/object_store.h"

namespace fadeout::service {

using SweepMode = cleanup::Mode;
using CleanupItem = cleanup::Item;
using CleanupSummary = cleanup::Summary;
using CleanupObserver = cleanup::Observer;

struct CleanupOptions {
    std::vector<std::string> temporary_prefixes = {"temp-audio/", "processed-audio/"};
    SweepMode mode = SweepMode::promise;
    Duration speech_link_expiry{std::chrono::hours(24)};
    Duration orphans_after{std::chrono::hours(24)};
    Duration uploads_after{std::chrono::hours(24)};
    std::uint64_t max_deletions = std::numeric_limits<std::uint64_t>::max();  ///< per run; the rest stays due
};

/// Deletes what is temporary and due, and nothing else. Thread-safe; two runs at once do each other no harm.
class Cleanup {
  public:
    static constexpr int max_days = 3'650;

    /// Error(invalid) for temporary prefixes that could reach results or originals.
    Cleanup(storage::ObjectStore& objects, records::RecordStore& records, const Clock& clock,
            CleanupOptions options);

    /// Walks all days of temp-audio/: objects and records, orphans either way, abandoned uploads. Decides as
    /// if it were no later than `as_of`. `may_delete` is asked for each page and right before each batch of
    /// deletions; once it says no, the run ends, incomplete. Throws Error only if objects or records cannot
    /// be listed.
    CleanupSummary sweep(
        bool dry_run, const CleanupObserver& observer, std::stop_token stop, Time as_of = Time::max(),
        const std::function<bool()>& may_delete = [] { return true; });

    /// Deletes objects under one temporary prefix, its folders included, that are older than `days` (0 to
    /// max_days) times 24 h. Under temp-audio/ a live link is respected whatever `days` says. Error(invalid)
    /// for a path that is not (inside) a configured temporary prefix.
    CleanupSummary clean_prefix(std::string_view path, int days, bool dry_run,
                                const CleanupObserver& observer, std::stop_token stop);

    const CleanupOptions& options() const noexcept { return options_; }

  private:
    void see_to_abandoned_uploads(const CleanupObserver& observer, CleanupSummary& summary);
    cleanup::Policy policy() const;

    storage::ObjectStore& objects_;
    const Clock& clock_;
    CleanupOptions options_;
    cleanup::TemporaryPrefixes prefixes_;
    cleanup::Sweeper sweeper_;
};

/// Without the items: {"deleted", "kept", "failed", "bytes", "dry_run"}.
boost::json::object to_json(const CleanupSummary& summary);
/// {"key", "action", "reason"}
boost::json::object to_json(const CleanupItem& item);
/// One line for people: "deleted 3 (1.2 MB), kept 5, failed 0: link expired 3, link still valid 5".
std::string to_text(const CleanupSummary& summary);

}  // namespace fadeout::service
