#include "records/sqlite/sqlite_record_store.h"

#include <algorithm>
#include <array>
#include <limits>

namespace fadeout::records {

namespace {

constexpr std::array migrations = {
    "CREATE TABLE tts_temp_audio ("
    "  date TEXT NOT NULL, audio_id TEXT NOT NULL, s3_url TEXT NOT NULL, text TEXT NOT NULL,"
    "  voice_id TEXT NOT NULL, duration REAL NOT NULL, ttl INTEGER NOT NULL,"
    "  PRIMARY KEY (date, audio_id)) WITHOUT ROWID;"
    "CREATE INDEX tts_temp_audio_ttl ON tts_temp_audio (ttl)",
};

/// Rows removed in one transaction, so that a sweep never keeps other processes from writing for long.
constexpr std::size_t max_removed_at_once = 1'000;

SpeechRecord read_record(sqlite::Query& row) {
    return {row.text(0), row.text(1), row.text(2), row.text(3), row.text(4), row.real(5), row.integer(6)};
}

}  // namespace

SqliteRecordStore::SqliteRecordStore(const std::string& path, const Clock& clock)
    : clock_(clock), database_(path, "records", migrations) {}

void SqliteRecordStore::put(const SpeechRecord& r) {
    database_.write([&](sqlite::Connection& connection) {
        connection.execute("REPLACE INTO tts_temp_audio VALUES (?, ?, ?, ?, ?, ?, ?)", r.date, r.audio_id,
                           r.s3_url, r.text, r.voice_id, r.duration_s, r.ttl);
    });
}

std::optional<SpeechRecord> SqliteRecordStore::get(const std::string& date, const std::string& audio_id) {
    return database_.read([&](sqlite::Connection& connection) -> std::optional<SpeechRecord> {
        sqlite::Query row = connection.query(
            "SELECT date, audio_id, s3_url, text, voice_id, duration, ttl FROM tts_temp_audio "
            "WHERE date = ? AND audio_id = ? AND ttl > ?",
            date, audio_id, unix_seconds(clock_.now()));
        if (!row.next()) return std::nullopt;
        return read_record(row);
    });
}

RecordPage SqliteRecordStore::list(const std::string& date, std::string_view cursor, std::size_t limit,
                                   Visibility visibility) {
    limit = std::clamp<std::size_t>(limit, 1, max_page_records);
    const long long expired_at =
        visibility == Visibility::live ? unix_seconds(clock_.now()) : std::numeric_limits<long long>::min();
    return database_.read([&](sqlite::Connection& connection) {
        sqlite::Query row = connection.query(
            "SELECT date, audio_id, s3_url, text, voice_id, duration, ttl FROM tts_temp_audio "
            "WHERE date = ? AND audio_id > ? AND ttl > ? ORDER BY audio_id LIMIT ?",
            date, cursor, expired_at, limit + 1);
        RecordPage page;
        while (row.next()) {
            if (page.records.size() == limit) {
                page.next = page.records.back().audio_id;
                break;
            }
            page.records.push_back(read_record(row));
        }
        return page;
    });
}

std::vector<std::string> SqliteRecordStore::dates() {
    return database_.read([](sqlite::Connection& connection) {
        // Jumps from date to date in the primary key; DISTINCT would walk over every record.
        sqlite::Query row = connection.query(
            "WITH RECURSIVE dates (date) AS ("
            "  SELECT min(date) FROM tts_temp_audio UNION ALL"
            "  SELECT (SELECT min(date) FROM tts_temp_audio AS t WHERE t.date > dates.date) FROM dates"
            "  WHERE dates.date IS NOT NULL) "
            "SELECT date FROM dates WHERE date IS NOT NULL");
        std::vector<std::string> dates;
        while (row.next()) dates.push_back(row.text(0));
        return dates;
    });
}

void SqliteRecordStore::remove(const std::vector<RecordId>& ids) {
    if (ids.empty()) return;
    database_.write([&](sqlite::Connection& connection) {
        for (const RecordId& id : ids)
            connection.execute("DELETE FROM tts_temp_audio WHERE date = ? AND audio_id = ?", id.date,
                               id.audio_id);
    });
}

std::size_t SqliteRecordStore::remove_expired(std::size_t limit) {
    const long long now = unix_seconds(clock_.now());
    std::size_t removed = 0;
    while (removed < limit) {
        const std::size_t wanted = std::min(limit - removed, max_removed_at_once);
        const auto count = database_.write([&](sqlite::Connection& connection) {
            return static_cast<std::size_t>(connection.execute(
                "DELETE FROM tts_temp_audio WHERE (date, audio_id) IN "
                "(SELECT date, audio_id FROM tts_temp_audio WHERE ttl <= ? ORDER BY ttl LIMIT ?)",
                now, wanted));
        });
        removed += count;
        if (count < wanted) break;
    }
    return removed;
}

}  // namespace fadeout::records
