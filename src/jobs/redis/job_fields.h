#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "jobs/redis/reply.h"
#include "jobs/transitions.h"

namespace fadeout::jobs::redis {

/// A job as it is in Redis.
struct Versioned {
    StoredJob stored;
    std::string stamp;  ///< changes with each write: who has read this one may replace just this one
};

/// The fields of a job's hash, as names and values in turn. Times are Unix milliseconds.
std::vector<std::string> all_fields(const StoredJob& stored);       ///< of a new job
std::vector<std::string> changing_fields(const StoredJob& stored);  ///< those that an event may change

/// Names of `stamp` and changing_fields(): enough to decide what a report does, without the payload.
std::span<const std::string_view> deciding_names();

/// Fields that are not there keep their defaults. Error(internal) for what this program never wrote.
Versioned from_values(std::span<const std::string_view> names, std::span<redisReply* const> values);
Versioned from_pairs(std::span<redisReply* const> names_and_values);

/// Of the fields holder, term and until; nil where there never was one.
Tenure to_tenure(std::span<redisReply* const> values);

}  // namespace fadeout::jobs::redis
