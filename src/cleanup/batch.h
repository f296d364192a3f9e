#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cleanup/plan.h"
#include "records/record_store.h"
#include "storage/object_store.h"

namespace fadeout::cleanup {

/// A decision on its way to being carried out.
struct Step {
    Decision decision;
    std::optional<std::string> failure;  ///< public message of what went wrong
    bool skipped = false;                ///< not carried out, because the run had to end
    bool was_sent = false;               ///< deleted, at least in part, or nobody knows
};

/// Asks the stores about decisions that depend on it: remove_if_missing becomes remove or keep by head(),
/// remove_if_unrecorded by get(). A question that fails makes the step a failure.
void confirm(Step& step, storage::ObjectStore& objects, records::RecordStore& records);

/// Removes objects, then the records of those whose object is gone, at most 1,000 per call of a store. Steps
/// that are no removal or have failed are left alone; failures are written into their step and stop nothing.
/// `may_delete` is asked right before each call; once it says no, the steps that are left are skipped.
void remove(std::vector<Step>& steps, storage::ObjectStore& objects, records::RecordStore& records,
            const std::function<bool()>& may_delete);

}  // namespace fadeout::cleanup
