#pragma once
#include <map>
#include <mutex>
#include <utility>

#include "records/record_store.h"

namespace fadeout::records {

/// Records that end with the process: for tests.
class MemoryRecordStore final : public RecordStore {
  public:
    explicit MemoryRecordStore(const Clock& clock) : clock_(clock) {}

    void put(const SpeechRecord& record) override;
    std::optional<SpeechRecord> get(const std::string& date, const std::string& audio_id) override;
    RecordPage list(const std::string& date, std::string_view cursor, std::size_t limit,
                    Visibility visibility) override;
    std::vector<std::string> dates() override;
    void remove(const std::vector<RecordId>& ids) override;
    std::size_t remove_expired(std::size_t limit) override;
    void check() override {}

  private:
    bool is_expired(const SpeechRecord& record) const { return unix_seconds(clock_.now()) >= record.ttl; }

    const Clock& clock_;
    std::mutex mutex_;
    std::map<std::pair<std::string, std::string>, SpeechRecord> records_;  ///< by date and audio_id
};

}  // namespace fadeout::records
