#pragma once
#include <string>

#include "base/clock.h"
#include "storage/disk/sidecar.h"
#include "storage/disk/unfinished_file.h"
#include "storage/object_store.h"

namespace fadeout::storage::disk {

/// The folders of a bucket that a store keeps open.
struct Bucket {
    Descriptor top;         ///< {root}/{bucket}
    Descriptor unfinished;  ///< the hidden folder of what is being written
};

/// Writes to an unfinished file; commit() makes it durable, renames it to the key and makes the folder
/// durable.
class DiskWriter final : public ObjectWriter {
  public:
    /// `bucket` and `clock` must outlive the writer.
    DiskWriter(const Bucket& bucket, const Clock& clock, Key key, ObjectAttributes attributes);

    void write(Bytes data) override;
    void patch(std::uint64_t offset, Bytes data) override;
    std::uint64_t patchable_bytes() const override;
    ObjectInfo commit(Existing existing) override;
    void abort() noexcept override;

  private:
    void require_open() const;
    int place(int folder, const Version& version, Existing existing);
    int place_with_sidecar(int folder, const Version& version, Existing existing);
    int place_file(int folder, Existing existing) noexcept;
    void write_sidecar(int folder, const Version& version, const struct stat* replaced);

    const Bucket& bucket_;
    const Clock& clock_;
    const Key key_;
    const std::string name_;
    const std::string sidecar_name_;
    const ObjectAttributes attributes_;
    const bool needs_sidecar_;
    UnfinishedFile file_;
    std::uint64_t written_ = 0;
    bool spent_ = false;
};

}  // namespace fadeout::storage::disk
