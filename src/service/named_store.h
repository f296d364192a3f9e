#pragma once
#include <string>

#include "storage/object_store.h"

namespace fadeout::service {

/// A store whose errors begin with its name ("SRC: "), for work on several where it matters which one failed.
/// `store` must outlive it.
class NamedStore final : public storage::ObjectStore {
  public:
    NamedStore(storage::ObjectStore& store, std::string name) : store_(store), name_(std::move(name)) {}

    std::optional<storage::ObjectHead> head(const storage::Key& key) override;
    std::unique_ptr<storage::ObjectReader> open(const storage::Key& key) override;
    std::unique_ptr<storage::ObjectWriter> create(const storage::Key& key,
                                                  const storage::ObjectAttributes& attributes) override;
    storage::ObjectPage list(std::string_view prefix, std::string_view cursor, std::size_t limit) override;
    std::vector<storage::RemoveResult> remove(std::span<const storage::Key> keys) override;
    std::size_t remove_unfinished(Time older_than) override;
    std::size_t count_unfinished(Time older_than) override;
    std::string presign(storage::LinkMethod method, const storage::Key& key, Duration expires,
                        const storage::LinkOptions& options) override;
    std::optional<std::vector<storage::LifecycleRule>> lifecycle() override;
    std::optional<storage::Key> key_in(std::string_view url) const override { return store_.key_in(url); }
    std::string_view provider() const override { return store_.provider(); }
    const std::string& bucket() const override { return store_.bucket(); }
    void check() override;

  private:
    storage::ObjectStore& store_;
    const std::string name_;
};

/// `error` as the store of that name reports it.
Error named(const Error& error, const std::string& name);

}  // namespace fadeout::service
