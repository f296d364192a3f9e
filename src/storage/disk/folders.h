#pragma once
#include <string>
#include <string_view>

#include "base/file.h"

// Walking down the folders of a bucket. Every step opens one name below a descriptor and follows no symbolic
// link, so no key can lead out of the bucket, whatever lies in it.
namespace fadeout::storage::disk {

inline constexpr int file_mode = 0640;
/// The sticky bit, without meaning on a file, marks an object that has a sidecar: a removal need not look for
/// one at every object. Losing the mark costs nothing but a sidecar that remove_orphaned_sidecars() finds.
inline constexpr int marked_file_mode = 01640;
inline constexpr int folder_mode = 0750;
/// Longest file name of the file systems in use, in bytes (limits.h).
inline constexpr std::size_t max_name_bytes = 255;

/// Errors of open(2) that say that nothing of a key is there: missing, below a file, a link, a socket, a name
/// too long. All others say that nobody can tell.
bool means_absent(int error) noexcept;

/// The folder `path` ("a/b"; empty: `top` itself) below `top`; not open, with errno set, where there is none.
Descriptor open_folder(int top, std::string_view path);

/// As open_folder(), but makes what is missing and makes that durable. Error: conflict where a part of the
/// path is an object, storage_full, internal.
Descriptor make_folder(int top, std::string_view path);

/// Removes `path` and the folders above it as long as they are empty; `top` stays.
void remove_empty_folders(int top, std::string_view path) noexcept;

/// fsync, as an Error.
void sync(int fd, std::string_view doing);

}  // namespace fadeout::storage::disk
