#pragma once
#include <cstdint>
#include <string>

#include "base/byte_stream.h"
#include "base/clock.h"
#include "base/file.h"

namespace fadeout::storage::disk {

/// A file being written in a bucket's hidden folder, on the same file system as the objects: rename() makes
/// it an object in one step. It disappears with this value unless renamed. A lock (flock) that ends with its
/// process tells remove_unfinished() that somebody still writes.
class UnfinishedFile {
  public:
    /// Makes "{now in ms}-{random}" in `folder`, which must outlive this.
    UnfinishedFile(int folder, Time now, int mode);
    ~UnfinishedFile() { discard(); }
    UnfinishedFile(const UnfinishedFile&) = delete;
    UnfinishedFile& operator=(const UnfinishedFile&) = delete;

    /// Error(storage_full) where the disk is full.
    void write(std::uint64_t offset, Bytes data);
    void set_modified(std::int64_t unix_ns);
    void make_durable();
    /// Returns 0, or the errno of rename(2); after 0 the file has its new name for good.
    int rename(int folder, const std::string& name) noexcept;
    /// The same by link(2): EEXIST where the name is taken. A crash in between leaves the hidden name, too,
    /// which remove_unfinished() takes away from the object's file.
    int rename_if_free(int folder, const std::string& name) noexcept;
    void discard() noexcept;

  private:
    int folder_;
    std::string name_;  // empty: renamed or discarded
    Descriptor file_;
};

/// Removes from `folder` what was begun before `older_than` and is no longer being written. Returns how many.
std::size_t remove_unfinished(int folder, Time older_than);
/// How many that would be now.
std::size_t count_unfinished(int folder, Time older_than);

}  // namespace fadeout::storage::disk
