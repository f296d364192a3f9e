#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace fadeout::jobs::redis {

/// What a Redis server says of itself, as far as keeping jobs depends on it. A setting that the user may not
/// read is nothing.
struct ServerSettings {
    std::string version;                     ///< "7.0.15"; empty: not known, or not Redis itself
    std::optional<std::string> appendonly;   ///< "yes", "no"
    std::optional<std::string> appendfsync;  ///< "always", "everysec", "no"
    std::optional<std::string> save;         ///< when snapshots are made; empty: never
    std::optional<std::string> eviction;     ///< maxmemory-policy
};

/// The value of "name:value" in an answer of INFO; empty: not there.
std::string_view info_value(std::string_view info, std::string_view name);

/// The version in an answer of INFO. Empty for Valkey, which says it is Redis 7.2 but whose WAITAOF (seen
/// with 8.0.1) answers before the file is synced.
std::string redis_version(std::string_view info);

/// WAITAOF is there (Redis 7.2), and it makes a difference: the file is not synced before each answer anyway.
bool should_wait_for_fsync(const ServerSettings& settings);

/// What a crash or loss of power costs, and how to do better: a line for the log and for doctor. `waits`: an
/// accepted job waits for the file (WAITAOF).
std::string describe_durability(const ServerSettings& settings, bool waits);

/// Error(misconfigured) where the server may drop jobs to make room, or would once maxmemory were set.
void require_no_eviction(const ServerSettings& settings);

/// Leases end by the clock of each node. Error(misconfigured) where this machine's and the server's are so
/// far apart that nodes would take jobs away from each other.
void require_same_time(Time here, Time at_server);

}  // namespace fadeout::jobs::redis
