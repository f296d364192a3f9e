#pragma once
#include <optional>
#include <string>

namespace fadeout::storage {

/// A rule by which the store's service itself deletes objects. Of a rule's further actions (old versions,
/// storage classes) fadeout takes no notice. Source: Amazon S3 API Reference, "LifecycleRule".
struct LifecycleRule {
    std::string id;
    bool enabled = true;
    std::string prefix;              ///< keys that it is for; empty: all
    bool is_partial = false;         ///< only for some of them: those with certain tags or sizes
    std::optional<int> expire_days;  ///< deletes an object so many days after it was written
    bool expires_on_date = false;    ///< deletes every object from a date on, whatever its age
    std::optional<int> abort_days;   ///< ends a multipart upload so many days after it began

    bool expires() const noexcept { return expire_days || expires_on_date; }
    bool operator==(const LifecycleRule&) const = default;
};

}  // namespace fadeout::storage
