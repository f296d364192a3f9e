#pragma once
#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "base/clock.h"
#include "storage/lifecycle.h"

// The lifecycle rules of a bucket as a safety net: what the sweep should have deleted and did not, the
// service deletes a day later. The rules must never be quicker than the promises.
namespace fadeout::service {

/// What the settings promise, as far as rules can tell.
struct LifecyclePromises {
    std::vector<std::string> temporary_prefixes;
    Duration speech_link_expiry{};  ///< temp-audio/ stays for the longer of this
    Duration orphans_after{};       ///< and this
    Duration
        cleanup_delay{};  ///< other temporary objects stay for the longer of this and cleanup's own 7 days
    Duration uploads_after{};  ///< unfinished uploads may go after this
};

/// The rules to have: one for each temporary prefix, which deletes after the promise, rounded up to whole
/// days, and one day more; and one that ends unfinished uploads after 1 to 7 days.
std::vector<storage::LifecycleRule> safety_net(const LifecyclePromises& promises);

/// The body of PutBucketLifecycleConfiguration, one element on a line.
std::string lifecycle_xml(const std::vector<storage::LifecycleRule>& rules);
/// What `aws s3api put-bucket-lifecycle-configuration` takes.
boost::json::object lifecycle_json(const std::vector<storage::LifecycleRule>& rules);

struct LifecycleDifference {
    bool is_danger = false;  ///< deletes what must stay; otherwise the net has a hole
    std::string rule;        ///< id of the rule at fault; empty for a hole
    std::string text;        ///< what is wrong and how to mend it
};

/// Compares a bucket's rules with the promises: dangers first. Rules that are disabled do nothing. A rule for
/// some objects only is no net, but may be a danger.
std::vector<LifecycleDifference> compare_lifecycle(const LifecyclePromises& promises,
                                                   const std::vector<storage::LifecycleRule>& rules);

}  // namespace fadeout::service
