#include "cli/cleanup_report.h"

#include "cli/exit_code.h"
#include "cli/interruption.h"
#include "cli/json_items.h"
#include "cli/output.h"
#include "cli/progress.h"

namespace fadeout::cli {

namespace {

int outcome(const service::CleanupSummary& summary, const Interruption& interruption) {
    if (interruption.happened()) {
        complain("Interrupted. What was not deleted stays due.");
        return exit_interrupted;
    }
    return summary.failed > 0 ? exit_failed : exit_ok;
}

}  // namespace

int report_cleanup(const Invocation& invocation, bool dry_run, const CleanupRun& run) {
    const Interruption interruption;
    JsonItems json;
    service::CleanupSummary summary;
    try {
        Progress progress;
        service::CleanupObserver observer;
        observer.on_progress = [&](std::uint64_t seen) { progress.count(seen); };
        observer.on_item = [&](const service::CleanupItem& item) {
            if (dry_run && invocation.json) json.item(service::to_json(item));
            if (dry_run && !invocation.json) print(item.action + ' ' + item.key + " (" + item.reason + ")\n");
            if (!dry_run && item.action == "failed") complain(item.key + ": " + item.reason);
        };
        summary = run(observer, interruption.token());
    } catch (const Error& error) {
        if (!invocation.json) throw;
        complain(describe(error));
        json.end(error_json(error), dry_run);
        return exit_code(error.kind());
    }
    if (invocation.json)
        json.end(service::to_json(summary), dry_run);
    else
        print(service::to_text(summary) + '\n');
    return outcome(summary, interruption);
}

}  // namespace fadeout::cli
