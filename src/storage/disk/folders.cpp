#include "storage/disk/folders.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/text.h"
#include "storage/disk/store_error.h"

namespace fadeout::storage::disk {

namespace {

constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

Descriptor open_child(int parent, const std::string& name) {
    return Descriptor(::openat(parent, name.c_str(), folder_flags));
}

[[noreturn]] void fail_to_make(int error, std::string_view path) {
    if (error == ENOTDIR || error == ELOOP)
        throw Error(
            ErrorKind::conflict,
            "Could not write the object: a part of its key before a '/' is itself an object or a link in the "
            "store's folder. Choose another key.",
            std::string(path));
    if (error == ENAMETOOLONG)
        throw Error(ErrorKind::invalid,
                    "A part of the key between two '/' is longer than a file name may be.");
    throw store_error(error, "make the object's folder", std::string(path));
}

/// The child folder, made if need be. Not open where `parent` itself was removed meanwhile.
Descriptor make_child(int parent, const std::string& name, std::string_view path) {
    while (true) {
        Descriptor child = open_child(parent, name);
        if (child) return child;
        if (errno != ENOENT) fail_to_make(errno, path);
        if (::mkdirat(parent, name.c_str(), folder_mode) == 0) {
            sync(parent, "make the object's folder");
        } else if (errno == ENOENT) {
            return Descriptor();
        } else if (errno != EEXIST) {
            fail_to_make(errno, path);
        }
    }
}

}  // namespace

bool means_absent(int error) noexcept {
    return error == ENOENT || error == ENOTDIR || error == ELOOP || error == ENXIO || error == ENAMETOOLONG;
}

Descriptor open_folder(int top, std::string_view path) {
    Descriptor folder(::openat(top, ".", folder_flags));
    if (path.empty()) return folder;
    for (const std::string_view name : split(path, '/')) {
        if (!folder) break;
        folder = open_child(folder.get(), std::string(name));
    }
    return folder;
}

Descriptor make_folder(int top, std::string_view path) {
    while (true) {
        Descriptor folder = open_folder(top, {});
        if (!folder) fail_to_make(errno, path);
        if (path.empty()) return folder;
        for (const std::string_view name : split(path, '/')) {
            folder = make_child(folder.get(), std::string(name), path);
            if (!folder) break;  // a clean-up removed the empty folder above: begin again
        }
        if (folder) return folder;
    }
}

void remove_empty_folders(int top, std::string_view path) noexcept {
    while (!path.empty()) {
        const std::size_t slash = path.rfind('/');
        const std::string_view above =
            slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
        const Descriptor parent = open_folder(top, above);
        const std::string name(path.substr(slash + 1));
        if (!parent || ::unlinkat(parent.get(), name.c_str(), AT_REMOVEDIR) != 0) return;
        path = above;
    }
}

void sync(int fd, std::string_view doing) {
    if (::fsync(fd) != 0) throw store_error(errno, doing);
}

}  // namespace fadeout::storage::disk
