#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/disk/version.h"
#include "storage/object_store.h"

// The file beside an object that holds its attributes where they cannot be derived from the key. It tells
// them for the version about to be written and for the one it replaces: the object's own rename, one step,
// then decides which apply, and a reader or a crash in between never sees the attributes of another version.
namespace fadeout::storage::disk {

struct SidecarEntry {
    Version version;
    ObjectAttributes attributes;
};

/// Lines of text: "fadeout-meta 1", then for each version "version SIZE MTIME_NS", "content-type T" and
/// "metadata NAME VALUE".
std::string encode_sidecar(const std::vector<SidecarEntry>& entries);
/// Empty where the text is damaged: the object then has what its key tells.
std::vector<SidecarEntry> decode_sidecar(std::string_view text);

/// The attributes of `version`. A modification time cut to whole seconds counts as equal: GNU tar's own
/// format keeps no more.
std::optional<ObjectAttributes> find_version(const std::vector<SidecarEntry>& entries,
                                             const Version& version);

/// Removes the sidecars anywhere below `top` that have no object, were written before `older_than`, and with
/// them the folders that are empty then: what a crash between sidecar and object leaves, or a file that was
/// removed by hand. Returns how many. Reads every folder's names.
std::size_t remove_orphaned_sidecars(int top, Time older_than);
/// How many that would be now.
std::size_t count_orphaned_sidecars(int top, Time older_than);

/// Reads the sidecar `name` below `folder`; nothing where there is none, empty where it is damaged.
std::optional<std::vector<SidecarEntry>> read_sidecar(int folder, const std::string& name);

}  // namespace fadeout::storage::disk
