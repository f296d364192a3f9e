#pragma once
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

namespace fadeout::sqlite {

/// For tests: replaces one system call that SQLite makes on every database of this process, so that a failing
/// disk can be had without root. Undone at the end.
class SystemCallFault {
  public:
    SystemCallFault(const char* name, sqlite3_syscall_ptr call) : name_(name) {
        sqlite3_vfs* vfs = sqlite3_vfs_find(nullptr);
        vfs->xSetSystemCall(vfs, name_, call);
    }
    ~SystemCallFault() {
        sqlite3_vfs* vfs = sqlite3_vfs_find(nullptr);
        vfs->xSetSystemCall(vfs, name_, nullptr);
    }
    SystemCallFault(const SystemCallFault&) = delete;
    SystemCallFault& operator=(const SystemCallFault&) = delete;

  private:
    const char* name_;
};

/// Every write fails as on a disk without space.
class FullDisk {
    static ssize_t full(int, const void*, size_t, off_t) {
        errno = ENOSPC;
        return -1;
    }
    SystemCallFault pwrite_{"pwrite", reinterpret_cast<sqlite3_syscall_ptr>(&full)};
    SystemCallFault pwrite64_{"pwrite64", reinterpret_cast<sqlite3_syscall_ptr>(&full)};
};

/// Files can be opened only for reading, as on a read-only mount.
class ReadOnlyDisk {
    static int open_read_only(const char* path, int flags, int mode) {
        if ((flags & O_ACCMODE) == O_RDONLY) return ::open(path, flags, mode);
        errno = EROFS;
        return -1;
    }
    SystemCallFault open_{"open", reinterpret_cast<sqlite3_syscall_ptr>(&open_read_only)};
};

}  // namespace fadeout::sqlite
