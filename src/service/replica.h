#pragma once
#include <functional>
#include <optional>
#include <stop_token>

#include "storage/object_store.h"

// Making an object of one store the same in another. Used by the repair of mirror and failover stores and by
// `fadeout migrate`.
namespace fadeout::service {

/// Metadata of a copy: the ETag of what it was made from, so that it need not be read again to know it.
inline constexpr std::string_view copied_from = "fadeout-copied-from";

enum class Likeness { missing, different, same };

/// Whether `etag`s are of one and the same content by themselves: both are MD5 sums as S3 makes them, and
/// equal. Unequal ones tell nothing.
bool are_telling(std::string_view etag, std::string_view other);

struct CopyWatch {
    std::function<void(std::uint64_t bytes)> on_bytes{};  ///< written since the last call; may be null
    std::stop_token stop{};
    /// Asked right before a copy is committed, for what becomes of an object that is there already. Null:
    /// it is replaced. What it throws ends the call.
    std::function<storage::Existing()> before_commit{};
};

/// How the object that `source` describes is in `to`: by size, by ETags that tell, by `copied_from`, and
/// where none of these decides by reading both from `from` and `to`.
Likeness compare(storage::ObjectStore& from, const storage::ObjectInfo& source, storage::ObjectStore& to,
                 const CopyWatch& watch = {});

/// What becomes of the copy where the source has no such object (any more).
enum class WhenGone {
    keep,
    remove_own,  ///< removed where it was made by this very call
    remove,
};

enum class Alike {
    already,  ///< it was the same
    copied,
    removed,  ///< the source has none, and the copy is gone now
    gone,     ///< the source has none; nothing was removed
};

/// Makes `key` in `to` what it is in `from`, with content type and metadata. A copy is read back and compared
/// by size and SHA-256. Where the source changes meanwhile it is done again, so that it is safe beside
/// writers and twice at the same time. Error(bad_source) where the source keeps changing, Error(cancelled)
/// when asked to stop, whatever the stores throw. Memory: a writer's and a reader's.
Alike make_alike(storage::ObjectStore& from, storage::ObjectStore& to, const storage::Key& key,
                 WhenGone when_gone, const CopyWatch& watch = {});

}  // namespace fadeout::service
