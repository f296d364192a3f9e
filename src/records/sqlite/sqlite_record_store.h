#pragma once
#include <string>

#include "records/record_store.h"
#include "sqlite/database.h"

namespace fadeout::records {

/// Records in the table `tts_temp_audio` of one SQLite file. Several processes may use it at a time. A put
/// costs one fsync, which all threads that put at that moment share.
class SqliteRecordStore final : public RecordStore {
  public:
    /// Makes the file if it is not there; its folder must exist. Error(unavailable, internal) tells what is
    /// wrong.
    SqliteRecordStore(const std::string& path, const Clock& clock);

    void put(const SpeechRecord& record) override;
    std::optional<SpeechRecord> get(const std::string& date, const std::string& audio_id) override;
    RecordPage list(const std::string& date, std::string_view cursor, std::size_t limit,
                    Visibility visibility) override;
    std::vector<std::string> dates() override;
    void remove(const std::vector<RecordId>& ids) override;
    std::size_t remove_expired(std::size_t limit) override;
    void check() override { database_.check(); }

  private:
    const Clock& clock_;
    sqlite::Database database_;
};

}  // namespace fadeout::records
