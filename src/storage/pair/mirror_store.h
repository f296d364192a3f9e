#pragma once
#include <memory>

#include "storage/pair/side.h"

namespace fadeout::storage {

enum class MirrorMode {
    both,    ///< a write or removal succeeds only where it did in both stores
    repair,  ///< the first store decides; what the second missed is noted for repair
};

struct MirrorOptions {
    MirrorMode mode = MirrorMode::both;
    AskForRepair ask_for_repair;
    LogLine log;  ///< what went wrong in one of the stores although the call succeeded
};

/// One store kept twice: writes and removals go to both, everything else to the first. Memory of a writer:
/// that of one writer in each. A link for PUT leads past fadeout to the first store, so a repair is noted for
/// an hour after it ends. Where two nodes write or remove one key at the same moment, the one that finds the
/// other's work in the store it changed first notes a repair.
class MirrorStore final : public ObjectStore {
  public:
    /// After it a removal that the second store missed is made good there: by then the first has removed too.
    static constexpr Duration removal_delay = std::chrono::minutes(10);

    MirrorStore(std::unique_ptr<ObjectStore> first, std::unique_ptr<ObjectStore> second,
                MirrorOptions options);

    std::optional<ObjectHead> head(const Key& key) override { return first_->head(key); }
    std::unique_ptr<ObjectReader> open(const Key& key) override { return first_->open(key); }
    /// Mode both: commit() writes the second store first and the first store last, which makes it visible;
    /// where that fails the second's object is taken back. Mode repair: where the first has it but neither
    /// the second has nor a repair could be noted, commit() is Error(unavailable) although the object is
    /// there.
    std::unique_ptr<ObjectWriter> create(const Key& key, const ObjectAttributes& attributes) override;
    ObjectPage list(std::string_view prefix, std::string_view cursor, std::size_t limit) override {
        return first_->list(prefix, cursor, limit);
    }
    /// Mode repair: what the second store failed to remove goes from the first only once the repair is noted.
    std::vector<RemoveResult> remove(std::span<const Key> keys) override;
    std::size_t remove_unfinished(Time older_than) override;
    std::size_t count_unfinished(Time older_than) override;
    std::string presign(LinkMethod method, const Key& key, Duration expires,
                        const LinkOptions& options) override;
    std::optional<Key> key_in(std::string_view url) const override {
        auto key = first_->key_in(url);
        return key ? key : second_->key_in(url);
    }
    std::string_view provider() const override { return first_->provider(); }
    const std::string& bucket() const override { return first_->bucket(); }
    /// Mode repair: well while the first store is.
    void check() override;

  private:
    friend class MirrorWriter;

    /// Removals of more keys at once are clean-up, whose keys nobody writes any more.
    static constexpr std::size_t max_verified_removals = 10;

    bool waits_for_repair(const RemoveResult& failed);
    void take_back(const Key& key) noexcept;
    void expect_unchanged(ObjectStore& store, const ObjectInfo& written) noexcept;
    void expect_absent(const Key& key) noexcept;
    std::size_t sum_of_unfinished(const std::function<std::size_t(ObjectStore&)>& see_to);
    void note_repair(const Key& key, Missed missed) noexcept;

    const std::unique_ptr<ObjectStore> first_, second_;
    const MirrorOptions options_;
};

}  // namespace fadeout::storage
