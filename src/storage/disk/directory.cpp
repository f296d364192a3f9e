#include "storage/disk/directory.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <string_view>

#include "storage/disk/store_error.h"

namespace fadeout::storage::disk {

namespace {

/// For file systems that do not tell the kind with the name.
NameKind look_up_kind(int folder, const char* name) {
    struct stat status {};
    if (::fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0) return NameKind::other;
    if (S_ISREG(status.st_mode)) return NameKind::file;
    return S_ISDIR(status.st_mode) ? NameKind::folder : NameKind::other;
}

}  // namespace

Directory::Directory(Descriptor folder) : dir_(::fdopendir(folder.get())) {
    if (!dir_) throw store_error(errno, "list the objects");
    folder.release();
}

std::optional<DirectoryEntry> Directory::next() {
    while (true) {
        errno = 0;
        const dirent* entry = ::readdir(dir_.get());
        if (entry == nullptr) {
            if (errno != 0) throw store_error(errno, "list the objects");
            return std::nullopt;
        }
        const std::string_view name = entry->d_name;
        if (name == "." || name == "..") continue;
        switch (entry->d_type) {
            case DT_REG:
                return DirectoryEntry{entry->d_name, NameKind::file};
            case DT_DIR:
                return DirectoryEntry{entry->d_name, NameKind::folder};
            case DT_UNKNOWN:
                return DirectoryEntry{entry->d_name, look_up_kind(::dirfd(dir_.get()), entry->d_name)};
            default:
                return DirectoryEntry{entry->d_name, NameKind::other};
        }
    }
}

}  // namespace fadeout::storage::disk
