#pragma once
#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "records/record_store.h"
#include "storage/object_store.h"

namespace fadeout::service {

enum class SweepMode {
    promise,  ///< each object is deleted when its own link has expired
    day,      ///< the original's way: yesterday's whole folder goes at the daily run
};

struct CleanupOptions {
    std::vector<std::string> temporary_prefixes = {"temp-audio/", "processed-audio/"};
    SweepMode mode = SweepMode::promise;
    Duration speech_link_expiry{std::chrono::hours(24)};
    Duration orphans_after{std::chrono::hours(24)};
    Duration uploads_after{std::chrono::hours(24)};
};

struct CleanupItem {
    std::string key;
    std::string action;  ///< "delete" or "keep" or "failed"
    std::string reason;  ///< "link expired", "link valid until ...", "no record", ...
};

struct CleanupSummary {
    std::uint64_t deleted = 0, kept = 0, failed = 0, bytes = 0;
    bool dry_run = false;
    std::map<std::string, std::uint64_t> reasons;  ///< how many per reason class
};

/// Hears every decision as it is made (memory stays constant), and how many objects were looked at.
struct CleanupObserver {
    std::function<void(const CleanupItem&)> on_item;
    std::function<void(std::uint64_t seen)> on_progress;
};

/// Deletes what is temporary and due, and nothing else.
class Cleanup {
  public:
    Cleanup(storage::ObjectStore& objects, records::RecordStore& records, const Clock& clock, CleanupOptions options);

    /// Walks all days of temp-audio/: objects and records, orphans either way, abandoned uploads.
    CleanupSummary sweep(bool dry_run, const CleanupObserver& observer, std::stop_token stop);

    /// Deletes objects under one temporary prefix that are older than `days`. Error(invalid) for a path that is not
    /// (inside) a configured temporary prefix.
    CleanupSummary clean_prefix(std::string_view path, int days, bool dry_run, const CleanupObserver& observer,
                                std::stop_token stop);

  private:
    storage::ObjectStore& objects_;
    records::RecordStore& records_;
    const Clock& clock_;
    CleanupOptions options_;
};

}  // namespace fadeout::service
