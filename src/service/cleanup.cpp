#include "service/cleanup.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"

namespace fadeout::service {

Cleanup::Cleanup(storage::ObjectStore& objects, records::RecordStore& records, const Clock& clock,
                 CleanupOptions options)
    : objects_(objects),
      clock_(clock),
      options_(std::move(options)),
      prefixes_(options_.temporary_prefixes),
      sweeper_(objects, records, clock, prefixes_) {}

cleanup::Policy Cleanup::policy() const {
    return {.mode = options_.mode,
            .speech_link_expiry = options_.speech_link_expiry,
            .orphans_after = options_.orphans_after};
}

CleanupSummary Cleanup::sweep(bool dry_run, const CleanupObserver& observer, std::stop_token stop, Time as_of,
                              const std::function<bool()>& may_delete) {
    CleanupSummary summary = sweeper_.run(prefixes_.speech(), policy(),
                                          {.dry_run = dry_run,
                                           .max_deletions = options_.max_deletions,
                                           .as_of = as_of,
                                           .may_delete = may_delete},
                                          observer, stop);
    if (!summary.complete) return summary;
    summary.complete = may_delete();
    if (summary.complete) see_to_abandoned_uploads(observer, summary);
    return summary;
}

/// Ends them, or only counts them in a dry run.
void Cleanup::see_to_abandoned_uploads(const CleanupObserver& observer, CleanupSummary& summary) {
    const Time older_than = clock_.now() - options_.uploads_after;
    try {
        summary.unfinished_uploads =
            summary.dry_run ? objects_.count_unfinished(older_than) : objects_.remove_unfinished(older_than);
    } catch (const Error& error) {
        ++summary.failed;
        if (observer.on_item) observer.on_item({"(abandoned uploads)", "failed", error.what()});
    }
}

CleanupSummary Cleanup::clean_prefix(std::string_view path, int days, bool dry_run,
                                     const CleanupObserver& observer, std::stop_token stop) {
    const cleanup::TemporaryPath folder = prefixes_.parse_path(path);
    if (days < 0 || days > max_days) {
        throw Error(ErrorKind::invalid, fmt::format("The days must be between 0 and {}.", max_days));
    }
    cleanup::Policy by_age = policy();
    by_age.mode = SweepMode::promise;
    by_age.min_age = std::chrono::hours(24) * days;
    return sweeper_.run(folder, by_age, {.dry_run = dry_run, .max_deletions = options_.max_deletions},
                        observer, stop);
}

boost::json::object to_json(const CleanupSummary& summary) {
    return {{"deleted", summary.deleted},
            {"kept", summary.kept},
            {"failed", summary.failed},
            {"bytes", summary.bytes},
            {"dry_run", summary.dry_run}};
}

boost::json::object to_json(const CleanupItem& item) {
    return {{"key", item.key}, {"action", item.action}, {"reason", item.reason}};
}

std::string to_text(const CleanupSummary& summary) {
    std::string text =
        fmt::format("{} {} ({}), kept {}, failed {}", summary.dry_run ? "would delete" : "deleted",
                    summary.deleted, format_bytes(summary.bytes), summary.kept, summary.failed);
    std::string_view separator = ": ";
    for (const auto& [reason, count] : summary.reasons) {
        text += fmt::format("{}{} {}", separator, reason, count);
        separator = ", ";
    }
    if (summary.unfinished_uploads > 0)
        text += fmt::format(", abandoned uploads {}", summary.unfinished_uploads);
    if (!summary.complete) text += "; ended before everything was looked at, run it again to go on";
    return text;
}

}  // namespace fadeout::service
