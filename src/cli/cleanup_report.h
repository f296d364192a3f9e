#pragma once
#include <functional>
#include <stop_token>

#include "cli/command.h"
#include "service/cleanup.h"

namespace fadeout::cli {

using CleanupRun = std::function<service::CleanupSummary(const service::CleanupObserver&, std::stop_token)>;

/// Calls `run`, which opens the services and sweeps or cleans up, and prints what it does as it goes, so that
/// memory does not grow with the number of keys.
/// Text: with `dry_run` a line per key, then the counts. --json: one object, "items" (with
/// `dry_run`) first; an error in the middle of them closes the object with "error" and "kind". Returns the
/// exit code: 0 all done, 1 some keys failed.
int report_cleanup(const Invocation& invocation, bool dry_run, const CleanupRun& run);

}  // namespace fadeout::cli
