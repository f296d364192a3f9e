#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "storage/memory/memory_store.h"

namespace fadeout::storage {

/// A store whose calls can be made to fail, or to have something happen first. Passes everything else on.
class FaultyStore : public ObjectStore {
  public:
    using Before = std::function<void(std::string_view call)>;

    explicit FaultyStore(ObjectStore& behind) : inner(behind) {}
    /// Before a store of its own.
    FaultyStore(const Clock& clock, const std::string& bucket)
        : own_(std::make_unique<MemoryStore>(
              clock, MemoryOptions{.bucket = bucket, .public_url = "http://" + bucket})),
          inner(*own_) {}

    /// Called with "head", "open", "create", "write", "commit", "commit done", "list", "remove",
    /// "remove unfinished", "count unfinished" or "check"; throws what shall go wrong there. After "commit
    /// done" the object is there.
    Before before = [](std::string_view) {};

    /// Every call fails like that until mended.
    void breaks(ErrorKind kind = ErrorKind::unavailable) {
        before = [kind](std::string_view call) { throw Error(kind, "the store is away", std::string(call)); };
    }
    void breaks_at(std::string_view where, ErrorKind kind = ErrorKind::unavailable) {
        before_each(where, [where, kind] { throw Error(kind, "the store is away", std::string(where)); });
    }
    void before_each(std::string_view where, std::function<void()> act) {
        before = [where, act = std::move(act)](std::string_view call) {
            if (call == where) act();
        };
    }
    void mend() {
        before = [](std::string_view) {};
    }

    std::optional<ObjectHead> head(const Key& key) override {
        before("head");
        return inner.head(key);
    }
    std::unique_ptr<ObjectReader> open(const Key& key) override {
        before("open");
        return inner.open(key);
    }
    std::unique_ptr<ObjectWriter> create(const Key& key, const ObjectAttributes& attributes) override {
        before("create");
        return std::make_unique<Writer>(*this, inner.create(key, attributes));
    }
    ObjectPage list(std::string_view prefix, std::string_view cursor, std::size_t limit) override {
        before("list");
        return inner.list(prefix, cursor, limit);
    }
    std::vector<RemoveResult> remove(std::span<const Key> keys) override {
        {
            const std::lock_guard lock(batches_mutex_);
            batches.push_back(keys.size());
        }
        before("remove");
        std::vector<RemoveResult> results;
        for (const Key& key : keys)
            if (all_stuck || stuck.contains(key.str()))
                results.push_back({key, Error(stuck_by, "not permitted")});
            else
                results.push_back(inner.remove(std::span(&key, 1)).at(0));
        return results;
    }
    std::size_t remove_unfinished(Time older_than) override {
        before("remove unfinished");
        return left_behind && *left_behind < older_than ? 1 : 0;
    }
    std::size_t count_unfinished(Time older_than) override {
        before("count unfinished");
        return left_behind && *left_behind < older_than ? 1 : 0;
    }
    std::string presign(LinkMethod method, const Key& key, Duration expires,
                        const LinkOptions& options) override {
        return inner.presign(method, key, expires, options);
    }
    std::optional<Key> key_in(std::string_view url) const override { return inner.key_in(url); }
    std::string_view provider() const override { return inner.provider(); }
    const std::string& bucket() const override { return inner.bucket(); }
    void check() override {
        before("check");
        inner.check();
    }

    std::set<std::string> stuck;  ///< keys that cannot be removed
    bool all_stuck = false;
    ErrorKind stuck_by = ErrorKind::denied;
    std::vector<std::size_t> batches;  ///< how many keys each removal named
    std::optional<Time> left_behind;   ///< when the one unfinished upload began

  private:
    class Writer final : public ObjectWriter {
      public:
        Writer(FaultyStore& store, std::unique_ptr<ObjectWriter> writer)
            : store_(store), inner_(std::move(writer)) {}
        void write(Bytes data) override {
            store_.before("write");
            inner_->write(data);
        }
        void patch(std::uint64_t offset, Bytes data) override { inner_->patch(offset, data); }
        std::uint64_t patchable_bytes() const override { return inner_->patchable_bytes(); }
        ObjectInfo commit(Existing existing) override {
            store_.before("commit");
            ObjectInfo info = inner_->commit(existing);
            store_.before("commit done");
            return info;
        }
        void abort() noexcept override { inner_->abort(); }

      private:
        FaultyStore& store_;
        std::unique_ptr<ObjectWriter> inner_;
    };

    std::unique_ptr<MemoryStore> own_;
    std::mutex batches_mutex_;  // several threads may remove; who reads `batches` does so after them

  public:
    ObjectStore& inner;  ///< what is asked without faults
};

inline ObjectInfo put(ObjectStore& store, const std::string& key, std::string_view content,
                      const ObjectAttributes& attributes = {}) {
    const auto writer = store.create(Key::parse(key), attributes);
    writer->write(as_bytes(content));
    return writer->commit();
}

/// The whole content; "(absent)" where there is none.
inline std::string get(ObjectStore& store, const std::string& key) {
    const auto reader = store.open(Key::parse(key));
    if (!reader) return "(absent)";
    std::string out(*reader->size(), '\0');
    std::size_t at = 0;
    while (const std::size_t n = reader->read_at(at, std::as_writable_bytes(std::span(out)).subspan(at)))
        at += n;
    return out;
}

}  // namespace fadeout::storage
