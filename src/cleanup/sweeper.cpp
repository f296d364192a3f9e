#include "cleanup/sweeper.h"

#include <algorithm>
#include <span>

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

/// Takes the next of `steps` and confirms them, with at most `allowed` removals among them. None where the
/// next is a removal too many.
std::vector<Step> take_confirmed(std::span<Step>& steps, std::uint64_t allowed, storage::ObjectStore& objects,
                                 records::RecordStore& records) {
    std::size_t taken = 0;
    for (; taken < steps.size(); ++taken) {
        Step& step = steps[taken];
        confirm(step, objects, records);
        if (step.decision.action == Action::remove && !step.failure && allowed-- == 0) break;
    }
    std::vector<Step> next(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(taken));
    steps = steps.subspan(taken);
    return next;
}

std::uint64_t count_removals(const std::vector<Step>& steps, bool dry_run) {
    return static_cast<std::uint64_t>(std::ranges::count_if(steps, [&](const Step& step) {
        return dry_run ? step.decision.action == Action::remove && !step.failure : step.was_sent;
    }));
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
        // A key that a store refuses to delete uses up nothing of max_deletions: it would stop all that
        // follow.
        for (std::span<Step> rest = steps; summary.complete && !rest.empty();) {
            std::vector<Step> next =
                take_confirmed(rest, options.max_deletions - removals, objects_, records_);
            if (!options.dry_run) remove(next, objects_, records_, options.may_delete);
            removals += count_removals(next, options.dry_run);
            if (std::erase_if(next, &Step::skipped) > 0) summary.complete = false;
            for (const Step& step : next) account(step, observer, summary);
            seen += next.size();
            if (next.empty() || (stop.stop_requested() && !rest.empty())) summary.complete = false;
        }

        if (observer.on_progress) observer.on_progress(seen);
    }
    return summary;
}

}  // namespace fadeout::cleanup
