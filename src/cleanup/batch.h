#pragma once
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
};

/// Asks the stores about decisions that depend on it: remove_if_missing becomes remove or keep by head(),
/// remove_if_unrecorded by get(). A question that fails makes the step a failure.
void confirm(Step& step, storage::ObjectStore& objects, records::RecordStore& records);

/// Removes objects, then the records of those whose object is gone, at most 1,000 per call of a store. Steps
/// that are no removal or have failed are left alone; failures are written into their step and stop nothing.
void remove(std::vector<Step>& steps, storage::ObjectStore& objects, records::RecordStore& records);

}  // namespace fadeout::cleanup
