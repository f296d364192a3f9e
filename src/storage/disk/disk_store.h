#pragma once
#include <string>
#include <vector>

#include "aws/sigv4.h"
#include "storage/disk/disk_writer.h"
#include "storage/disk/lister.h"
#include "storage/link.h"
#include "storage/object_store.h"

namespace fadeout::storage {

struct DiskOptions {
    std::string root;  ///< {data}/objects; made if missing
    std::string bucket;
    std::string public_url;        ///< under which clients reach the server
    aws::Credentials credentials;  ///< that sign links, see signing_key.h
    std::string region = "us-east-1";
    std::vector<PublicUrl> public_endpoints{};  ///< further URLs below which the bucket's keys lie
};

/// Objects as plain files {root}/{bucket}/{key}. A file that somebody copies in is an object, and one that is
/// copied out is whole. Attributes lie beside it in {key}.fadeout-meta, only where the key does not tell
/// them. Symbolic links below the bucket are neither followed nor listed. Part of a key between two '/' may
/// be 255 bytes long, the last one 242. Several processes may use one root.
///
/// Durability: what commit() returned survives loss of power. A removal is not forced to the disk: one that a
/// loss of power undoes is found again by the next sweep.
class DiskStore final : public ObjectStore {
  public:
    /// Error where the folders cannot be made or opened. `clock` must outlive the store, the store its
    /// readers and writers.
    DiskStore(DiskOptions options, const Clock& clock);

    std::optional<ObjectHead> head(const Key& key) override;
    std::unique_ptr<ObjectReader> open(const Key& key) override;
    /// Error(invalid) where the key's last part is longer than 242 bytes.
    std::unique_ptr<ObjectWriter> create(const Key& key, const ObjectAttributes& attributes) override;
    ObjectPage list(std::string_view prefix, std::string_view cursor, std::size_t limit) override;
    std::vector<RemoveResult> remove(std::span<const Key> keys) override;
    /// What is still being written, in whatever process, stays.
    std::size_t remove_unfinished(Time older_than) override;
    std::size_t count_unfinished(Time older_than) override;
    std::string presign(LinkMethod method, const Key& key, Duration expires,
                        const LinkOptions& options) override;
    std::optional<Key> key_in(std::string_view url) const override;
    std::string_view provider() const override { return "local"; }
    const std::string& bucket() const override { return options_.bucket; }
    void check() override;

  private:
    const DiskOptions options_;
    const Clock& clock_;
    const PublicUrl public_url_;
    const disk::Bucket bucket_;
    disk::Lister lister_;
};

}  // namespace fadeout::storage
