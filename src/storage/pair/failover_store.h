#pragma once
#include <array>
#include <atomic>
#include <memory>

#include "base/uptime.h"
#include "storage/link.h"
#include "storage/pair/side.h"

namespace fadeout::storage {

struct FailoverOptions {
    AskForRepair ask_for_repair;
    OtherLink other_link;  ///< makes the links to what the second store holds
    LogLine log;           ///< what went wrong in one of the stores although the call succeeded
    std::function<Duration()> uptime = fadeout::uptime;  ///< nobody can set it, so a cool-down always ends
};

/// Writes to the first store, and to the second while the first one fails. A repair is then noted that brings
/// the object home. What is read may lie in either, and is absent only where both say so. Memory of a writer:
/// that of the store's, and its first 8 MiB once more.
class FailoverStore final : public ObjectStore {
  public:
    /// After a failure of the first store the second is asked first for so long.
    static constexpr Duration cool_down = std::chrono::seconds(30);

    FailoverStore(std::unique_ptr<ObjectStore> first, std::unique_ptr<ObjectStore> second,
                  FailoverOptions options);

    std::optional<ObjectHead> head(const Key& key) override;
    /// For one who is about to write with Existing::keep, and knows an object of the key as its own: the word
    /// of one store is enough for its absence. Otherwise nothing new could be written while the other is
    /// away.
    std::optional<ObjectHead> head_before_write(const Key& key);
    std::unique_ptr<ObjectReader> open(const Key& key) override;
    /// Where the first store fails before 8 MiB were written, or at commit() of up to so many, the second
    /// gets the object at once. A larger one that breaks is Error(unavailable), and the next try goes to the
    /// second.
    std::unique_ptr<ObjectWriter> create(const Key& key, const ObjectAttributes& attributes) override;
    /// Fails where either store does: what cannot be seen must not count as absent.
    ObjectPage list(std::string_view prefix, std::string_view cursor, std::size_t limit) override;
    std::vector<RemoveResult> remove(std::span<const Key> keys) override;
    std::size_t remove_unfinished(Time older_than) override;
    std::size_t count_unfinished(Time older_than) override {
        return first_->count_unfinished(older_than) + second_->count_unfinished(older_than);
    }
    /// For PUT a link to the store that works. For GET and HEAD one to the first, where that holds the
    /// object; what the second holds is brought home sooner or later, so a link to it leads through fadeout,
    /// and straight there, for at most longest_second_link, only where it may end early.
    std::string presign(LinkMethod method, const Key& key, Duration expires,
                        const LinkOptions& options) override;
    std::optional<Key> key_in(std::string_view url) const override {
        auto key = first_->key_in(url);
        return key ? key : second_->key_in(url);
    }
    std::string_view provider() const override { return first_->provider(); }
    const std::string& bucket() const override { return first_->bucket(); }
    /// Well while one of the two is.
    void check() override;

  private:
    friend class FailoverWriter;

    bool is_first_down() const;
    void note_failure(const Error& error);
    std::array<ObjectStore*, 2> order() const;
    enum class Absence { told_by_both, told_by_one };
    template <class Found>
    Found find(const std::function<Found(ObjectStore&)>& look, Absence absence = Absence::told_by_both);
    ObjectStore& holder(const Key& key);
    void bring_home_later(const Key& key, Duration delay) noexcept;

    const std::unique_ptr<ObjectStore> first_, second_;
    const FailoverOptions options_;
    std::atomic<Duration::rep> down_until_{0};  ///< ms by uptime
};

/// Failures that the other store may not share.
bool may_fail_over(ErrorKind kind) noexcept;

}  // namespace fadeout::storage
