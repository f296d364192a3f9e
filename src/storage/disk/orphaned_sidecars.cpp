#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/disk/directory.h"
#include "storage/disk/folders.h"
#include "storage/disk/sidecar.h"

namespace fadeout::storage::disk {

namespace {

bool is_there(int folder, const std::string& name) {
    return ::faccessat(folder, name.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

bool is_orphan(int folder, const std::string& sidecar, Time older_than) {
    struct stat status {};
    return !is_there(folder, sidecar.substr(0, sidecar.size() - metadata_suffix.size())) &&
           ::fstatat(folder, sidecar.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode) &&
           Version::of(status).modified() < older_than;
}

/// Looks once more under the lock that writers hold from sidecar to object.
bool remove_orphan(int folder, const std::string& sidecar, Time older_than) {
    const Descriptor lock = open_folder(folder, {});
    if (!lock || ::flock(lock.get(), LOCK_EX) != 0 || !is_orphan(folder, sidecar, older_than)) return false;
    return ::unlinkat(folder, sidecar.c_str(), 0) == 0;
}

enum class Found { remove, count };

std::size_t see_to_all_below(int top, const std::string& path, Time older_than, Found found) {
    const Descriptor folder = open_folder(top, path);
    if (!folder) return 0;
    std::size_t here = 0, below = 0;
    Directory names(open_folder(folder.get(), {}));
    while (const auto entry = names.next()) {
        const std::string name = entry->name;
        if (name.starts_with('.')) continue;
        if (entry->kind == NameKind::folder)
            below += see_to_all_below(top, path.empty() ? name : path + "/" + name, older_than, found);
        else if (name.ends_with(metadata_suffix) && is_orphan(folder.get(), name, older_than))
            here += found == Found::count || remove_orphan(folder.get(), name, older_than);
    }
    if (here > 0 && found == Found::remove) remove_empty_folders(top, path);
    return here + below;
}

}  // namespace

std::size_t remove_orphaned_sidecars(int top, Time older_than) {
    return see_to_all_below(top, {}, older_than, Found::remove);
}

std::size_t count_orphaned_sidecars(int top, Time older_than) {
    return see_to_all_below(top, {}, older_than, Found::count);
}

}  // namespace fadeout::storage::disk
