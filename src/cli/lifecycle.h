#pragma once
#include <optional>

#include "config/settings.h"
#include "service/lifecycle.h"
#include "storage/object_store.h"

namespace fadeout::cli {

service::LifecyclePromises lifecycle_promises(const config::Settings& settings);

/// Nothing where the store knows no lifecycle rules.
std::optional<std::vector<service::LifecycleDifference>> compare_lifecycle(storage::ObjectStore& store,
                                                                           const config::Settings& settings);

}  // namespace fadeout::cli
