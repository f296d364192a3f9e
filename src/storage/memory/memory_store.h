#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "aws/sigv4.h"
#include "storage/link.h"
#include "storage/object_store.h"

namespace fadeout::storage {

struct MemoryOptions {
    std::string bucket = "memory";
    std::string public_url = "http://localhost";
    aws::Credentials credentials{"memory", "memory", {}};
    std::string region = "us-east-1";
};

/// Objects in memory: the reference that the other stores are held against, and the store of other folders'
/// tests.
class MemoryStore final : public ObjectStore {
  public:
    explicit MemoryStore(const Clock& clock, MemoryOptions options = {});

    std::optional<ObjectHead> head(const Key& key) override;
    std::unique_ptr<ObjectReader> open(const Key& key) override;
    std::unique_ptr<ObjectWriter> create(const Key& key, const ObjectAttributes& attributes) override;
    ObjectPage list(std::string_view prefix, std::string_view cursor, std::size_t limit) override;
    std::vector<RemoveResult> remove(std::span<const Key> keys) override;
    /// Always 0: what is in memory goes with its process.
    std::size_t remove_unfinished(Time older_than) override;
    std::size_t count_unfinished(Time) override { return 0; }
    std::string presign(LinkMethod method, const Key& key, Duration expires,
                        const LinkOptions& options) override;
    std::optional<Key> key_in(std::string_view url) const override;
    std::string_view provider() const override { return "local"; }
    const std::string& bucket() const override { return options_.bucket; }
    void check() override;

  private:
    friend class MemoryWriter;
    struct Object {
        ObjectHead head;
        std::vector<std::byte> bytes;
    };
    friend class MemoryReader;

    ObjectInfo put(const Key& key, const ObjectAttributes& attributes, std::vector<std::byte> bytes,
                   Existing existing);
    std::shared_ptr<const Object> find(const Key& key);

    const Clock& clock_;
    const MemoryOptions options_;
    const PublicUrl public_url_;
    std::mutex mutex_;  // guards all below
    std::map<std::string, std::shared_ptr<const Object>, std::less<>> objects_;
    unsigned long long versions_ = 0;
};

}  // namespace fadeout::storage
