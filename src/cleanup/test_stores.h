#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "records/record_store.h"
#include "storage/test_faulty_store.h"

namespace fadeout::cleanup {

using storage::FaultyStore;

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
