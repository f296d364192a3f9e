#pragma once
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "records/record_store.h"
#include "storage/object_store.h"

namespace fadeout::cleanup {

/// Passes everything on, except what a test tells it to do otherwise.
class FaultyStore : public storage::ObjectStore {
  public:
    explicit FaultyStore(ObjectStore& inner) : inner_(inner) {}

    std::optional<storage::ObjectHead> head(const storage::Key& key) override {
        if (head_fails) throw Error(ErrorKind::unavailable, "the store is away");
        return inner_.head(key);
    }
    std::unique_ptr<storage::ObjectReader> open(const storage::Key& key) override { return inner_.open(key); }
    std::unique_ptr<storage::ObjectWriter> create(const storage::Key& key,
                                                  const storage::ObjectAttributes& a) override {
        return inner_.create(key, a);
    }
    storage::ObjectPage list(std::string_view prefix, std::string_view cursor, std::size_t limit) override {
        if (before_list) before_list();
        if (list_fails) throw Error(ErrorKind::unavailable, "the store is away");
        return inner_.list(prefix, cursor, limit);
    }
    std::vector<storage::RemoveResult> remove(std::span<const storage::Key> keys) override {
        batches.push_back(keys.size());
        if (batches.size() == failing_batch) throw Error(ErrorKind::unavailable, "the store is away");
        std::vector<storage::RemoveResult> results;
        for (const storage::Key& key : keys) {
            if (all_stuck || stuck.contains(key.str())) {
                results.push_back({key, Error(ErrorKind::denied, "not permitted")});
            } else {
                results.push_back(inner_.remove(std::span(&key, 1)).at(0));
            }
        }
        return results;
    }
    std::size_t remove_unfinished(Time older_than) override {
        if (remove_unfinished_fails) throw Error(ErrorKind::unavailable, "the store is away");
        return left_behind && *left_behind < older_than ? 1 : 0;
    }
    std::string presign(storage::LinkMethod m, const storage::Key& k, Duration d,
                        const storage::LinkOptions& o) override {
        return inner_.presign(m, k, d, o);
    }
    std::optional<storage::Key> key_in(std::string_view url) const override { return inner_.key_in(url); }
    std::string_view provider() const override { return inner_.provider(); }
    const std::string& bucket() const override { return inner_.bucket(); }
    void check() override { inner_.check(); }

    std::set<std::string> stuck;
    std::size_t failing_batch = 0;  ///< counted from 1
    bool all_stuck = false, head_fails = false, list_fails = false, remove_unfinished_fails = false;
    std::optional<Time> left_behind;  ///< when the one unfinished upload began
    std::function<void()> before_list;
    std::vector<std::size_t> batches;

  private:
    ObjectStore& inner_;
};

class FaultyRecords final : public records::RecordStore {
  public:
    explicit FaultyRecords(RecordStore& inner) : inner_(inner) {}

    void put(const records::SpeechRecord& record) override { inner_.put(record); }
    std::optional<records::SpeechRecord> get(const std::string& date, const std::string& id) override {
        return inner_.get(date, id);
    }
    records::RecordPage list(const std::string& date, std::string_view cursor, std::size_t limit,
                             records::Visibility visibility) override {
        if (before_list) before_list();
        return inner_.list(date, cursor, limit, visibility);
    }
    std::vector<std::string> dates() override { return inner_.dates(); }
    void remove(const std::vector<records::RecordId>& ids) override {
        if (ids.size() > 1'000) throw Error(ErrorKind::internal, "more records than one call may remove");
        if (remove_fails) throw Error(ErrorKind::unavailable, "the table is away");
        inner_.remove(ids);
    }
    std::size_t remove_expired(std::size_t limit) override { return inner_.remove_expired(limit); }
    void check() override { inner_.check(); }

    bool remove_fails = false;
    std::function<void()> before_list;

  private:
    RecordStore& inner_;
};

}  // namespace fadeout::cleanup
