#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace fadeout::records {

/// One row of the table `tts_temp_audio` (partition key `date`, sort key `audio_id`): speech whose object
/// expires.
struct SpeechRecord {
    std::string date;      ///< "YYYY-MM-DD", UTC, of creation
    std::string audio_id;  ///< UUID
    std::string s3_url;    ///< the signed link, or s3://bucket/key where links are not stored
    std::string text;      ///< UTF-8; a store that limits a record's size keeps as much as fits
    std::string voice_id;
    double duration_s = 0;
    long long ttl = 0;  ///< Unix seconds at which it expires
    bool operator==(const SpeechRecord&) const = default;
};

struct RecordId {
    std::string date;
    std::string audio_id;
};

constexpr std::size_t max_page_records = 1'000;

struct RecordPage {
    std::vector<SpeechRecord> records;  ///< ascending by audio_id
    std::optional<std::string> next;
};

/// Whether records past their ttl are returned. Everybody reads `live`; only the sweep asks for `all`.
enum class Visibility { live, all };

/// Where the records of temporary speech live. Thread-safe; calls block. A put that returned survives a crash
/// and loss of power. Errors: unavailable, storage_full, internal. A record is expired once now >= ttl,
/// whether or not it is still there.
class RecordStore {
  public:
    virtual ~RecordStore() = default;

    virtual void put(const SpeechRecord& record) = 0;  ///< replaces a record of the same id
    virtual std::optional<SpeechRecord> get(const std::string& date,
                                            const std::string& audio_id) = 0;  ///< live only

    /// Up to `limit` (taken as 1 to max_page_records) records of one date after `cursor` (empty: from the
    /// start).
    virtual RecordPage list(const std::string& date, std::string_view cursor, std::size_t limit,
                            Visibility visibility) = 0;

    /// All dates that have records, expired or not, ascending. Memory: one short text per day.
    virtual std::vector<std::string> dates() = 0;

    /// Removes up to 1,000 records; absent ones are not an error.
    virtual void remove(const std::vector<RecordId>& ids) = 0;

    /// Removes up to `limit` records with ttl <= now whose object the caller has already seen to. Returns how
    /// many.
    virtual std::size_t remove_expired(std::size_t limit) = 0;

    /// Throws what is wrong and how to mend it.
    virtual void check() = 0;

    /// Makes what the store needs in a service of somebody else's, where it is missing, and tells what it
    /// found and did, a sentence each. May be called at any time, by several at once. Stores that make their
    /// own files have nothing to say.
    virtual std::vector<std::string> create_tables() { return {}; }
};

}  // namespace fadeout::records
