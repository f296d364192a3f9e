#pragma once
#include <sys/stat.h>

#include <cstdint>
#include <string>

#include "base/clock.h"

namespace fadeout::storage::disk {

/// What tells one content of a key from another: size and modification time. They survive `cp -a`, `rsync -a`
/// and a restored backup, which an inode number would not. Times are unique because the store itself sets
/// them, see next_modification_time().
struct Version {
    std::uint64_t size_bytes = 0;
    std::int64_t modified_ns = 0;

    static Version of(const struct stat& status) noexcept;
    Time modified() const noexcept;
    /// "{size}-{modification time in ns}", both in hex.
    std::string etag() const;
    bool operator==(const Version&) const = default;
};

/// `now` to the millisecond, and below that a number that this process does not give out again within that
/// millisecond and another process hardly can: two writes in one tick of the clock get two ETags.
std::int64_t next_modification_time(Time now);

}  // namespace fadeout::storage::disk
