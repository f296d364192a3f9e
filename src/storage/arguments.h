#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "storage/object_store.h"

// What every store checks of its arguments before it does anything, so that all of them refuse the same.
namespace fadeout::storage {

/// Bytes at the start of an object that may be patched until commit(): the size of S3's first part.
inline constexpr std::uint64_t first_part_bytes = 8ULL << 20;
inline constexpr std::size_t max_list_objects = 1000;
inline constexpr std::size_t max_remove_keys = 1000;
inline constexpr std::size_t max_metadata_bytes = 2048;

/// Metadata of an object that a failover store put where it does not belong: the place's name, "s3/bucket".
inline constexpr std::string_view store_mark = "fadeout-store";

/// Error(invalid) unless the content type is printable ASCII, metadata names are of [a-z0-9_-] and differ by
/// more than '_' against '-', values are UTF-8 without control characters, and all together is at most 2 KiB.
void check_attributes(const ObjectAttributes& attributes);
void check_list_limit(std::size_t limit);   ///< Error(invalid) unless 1 to 1,000
void check_remove_count(std::size_t keys);  ///< Error(invalid) above 1,000
/// Error(internal) for a patch beyond what was written or beyond the first part: a bug of the caller.
void check_patch(std::uint64_t offset, std::size_t size, std::uint64_t written);
/// Error(invalid) unless fit for a folder name and a URL: 1 to 63 of [A-Za-z0-9._-], not beginning with a
/// dot.
void check_bucket_name(std::string_view name);

/// The value of a metadata name, '_' and '-' compared alike.
std::optional<std::string> find_metadata(const ObjectAttributes& attributes, std::string_view name);

/// What a commit with Existing::keep fails with: Error(conflict).
Error already_there(const Key& key);

/// Writes, reads, lists, replaces and removes a small object under a random key of "temp-audio/". Throws
/// Error whose message says which step failed. The common part of every store's check().
void check_round_trip(ObjectStore& store);

}  // namespace fadeout::storage
