#include "cleanup/sweeper.h"

#include <algorithm>

#include "cleanup/batch.h"

namespace fadeout::cleanup {

namespace {

/// Counts what became of a step and tells the observer.
void account(const Step& step, const Observer& observer, Summary& summary) {
    const Decision& decision = step.decision;
    const char* action = "keep";
    if (step.failure) {
        action = "failed";
        ++summary.failed;
    } else if (decision.action == Action::remove) {
        action = "delete";
        ++summary.deleted;
        if (decision.object != nullptr) summary.bytes += decision.object->size_bytes;
    } else {
        ++summary.kept;
    }
    if (!step.failure) ++summary.reasons[std::string(name(decision.reason))];
    if (observer.on_item)
        observer.on_item({decision.key(), action, step.failure.value_or(explain(decision))});
}

/// Confirms the steps in order until `allowed` removals are found; drops the rest. True if nothing was
/// dropped.
bool confirm_up_to(std::uint64_t allowed, std::vector<Step>& steps, storage::ObjectStore& objects,
                   records::RecordStore& records) {
    for (auto step = steps.begin(); step != steps.end(); ++step) {
        confirm(*step, objects, records);
        if (step->decision.action != Action::remove || step->failure) continue;
        if (allowed-- == 0) {
            steps.erase(step, steps.end());
            return false;
        }
    }
    return true;
}

}  // namespace

Summary Sweeper::run(const TemporaryPath& path, const Policy& policy, const RunOptions& options,
                     const Observer& observer, std::stop_token stop) {
    Summary summary;
    summary.dry_run = options.dry_run;
    Walk walk(objects_, records_, prefixes_, path, options.page);
    Time now = options.as_of;
    std::uint64_t seen = 0, removals = 0;
    while (summary.complete) {
        const Chunk chunk = walk.next();
        if (chunk.empty()) break;
        if (stop.stop_requested() || !options.may_delete()) {
            summary.complete = false;
            break;
        }
        // A clock that is set back during the run was ahead before: the earlier time is the one that breaks
        // no promise.
        now = std::min(now, clock_.now());

        std::vector<Step> steps;
        for (const Decision& decision : plan(chunk.objects, chunk.records, policy, now)) {
            steps.push_back({decision, std::nullopt});
        }
        summary.complete = confirm_up_to(options.max_deletions - removals, steps, objects_, records_);
        removals += static_cast<std::uint64_t>(std::ranges::count_if(
            steps, [](const Step& step) { return step.decision.action == Action::remove && !step.failure; }));
        if (!options.dry_run) remove(steps, objects_, records_, options.may_delete);
        if (std::erase_if(steps, &Step::skipped) > 0) summary.complete = false;
        for (const Step& step : steps) account(step, observer, summary);

        seen += steps.size();
        if (observer.on_progress) observer.on_progress(seen);
    }
    return summary;
}

}  // namespace fadeout::cleanup
