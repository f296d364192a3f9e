#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "record_store_contract.h"
#include "records/sqlite/sqlite_record_store.h"
#include "sqlite/test_faults.h"

namespace fadeout::records {

INSTANTIATE_TEST_SUITE_P(Sqlite, RecordStoreContract,
                         testing::Values(Backend{"sqlite", [](const TestFolder& folder, const Clock& clock) {
                                                     return std::make_unique<SqliteRecordStore>(
                                                         folder.file("records.db"), clock);
                                                 }}));

namespace {

const ManualClock standing_clock(from_unix_seconds(1'795'188'600));

SpeechRecord numbered(int number) {
    return {"2026-11-20", std::to_string(number), "s3://b/k", "Hello", "en", 1, 1'795'275'000};
}

class SqliteRecords : public testing::Test {
  protected:
    TestFolder folder_;
    const std::string path_ = folder_.file("records.db");
};

TEST_F(SqliteRecords, TableHasExactlyTheSevenColumns) {
    { SqliteRecordStore store(path_, standing_clock); }
    sqlite::Connection raw(path_);
    sqlite::Query row = raw.query("SELECT name, pk FROM pragma_table_info('tts_temp_audio')");
    std::vector<std::string> columns;
    while (row.next()) columns.push_back(row.text(0) + (row.integer(1) ? " key " + row.text(1) : ""));
    EXPECT_THAT(columns, testing::ElementsAre("date key 1", "audio_id key 2", "s3_url", "text", "voice_id",
                                              "duration", "ttl"));
}

TEST_F(SqliteRecords, SurviveAReopen) {
    { SqliteRecordStore(path_, standing_clock).put(numbered(1)); }
    EXPECT_EQ(SqliteRecordStore(path_, standing_clock).get("2026-11-20", "1"), numbered(1));
}

TEST_F(SqliteRecords, APutThatReturnedSurvivesKill) {
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        SqliteRecordStore store(path_, standing_clock);
        for (int i = 1;; ++i) {
            store.put(numbered(i));
            if (::write(pipe[1], &i, sizeof i) != sizeof i) ::_exit(1);
        }
    }
    ::close(pipe[1]);
    int last = 0;
    while (last < 50) ASSERT_EQ(::read(pipe[0], &last, sizeof last), ssize_t{sizeof last});
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    for (int more; ::read(pipe[0], &more, sizeof more) == sizeof more;) last = more;
    ::close(pipe[0]);
    SqliteRecordStore store(path_, standing_clock);
    for (int i = 1; i <= last; ++i) EXPECT_TRUE(store.get("2026-11-20", std::to_string(i))) << i;
}

// `fadeout sweep` beside a running server.
TEST_F(SqliteRecords, AnotherProcessMaySweepMeanwhile) {
    constexpr int count = 300;
    SqliteRecordStore(path_, standing_clock).put(numbered(0));
    const pid_t child = ::fork();
    if (child == 0) {
        try {
            const ManualClock late(from_unix_seconds(1'795'275'000));
            SqliteRecordStore sweeper(path_, late);
            for (std::size_t removed = 0; removed <= count;) removed += sweeper.remove_expired(20);
        } catch (...) {
            ::_exit(1);
        }
        ::_exit(0);
    }
    SqliteRecordStore store(path_, standing_clock);
    for (int i = 1; i <= count; ++i) store.put(numbered(i));
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    EXPECT_TRUE(store.dates().empty());
}

TEST_F(SqliteRecords, FullDiskLeavesNothingHalfWritten) {
    SqliteRecordStore store(path_, standing_clock);
    store.put(numbered(1));
    {
        const sqlite::FullDisk full;
        try {
            store.put(numbered(2));
            ADD_FAILURE() << "a put on a full disk returned";
        } catch (const Error& e) {
            EXPECT_EQ(e.kind(), ErrorKind::storage_full) << e.what();
        }
        EXPECT_TRUE(store.get("2026-11-20", "1"));
        EXPECT_FALSE(store.get("2026-11-20", "2"));
    }
    store.put(numbered(3));
    EXPECT_TRUE(store.get("2026-11-20", "3"));
}

TEST_F(SqliteRecords, RemoveExpiredUsesTheIndexOnTtl) {
    { SqliteRecordStore store(path_, standing_clock); }
    sqlite::Connection raw(path_);
    sqlite::Query plan = raw.query(
        "EXPLAIN QUERY PLAN SELECT date, audio_id FROM tts_temp_audio WHERE ttl <= 5 ORDER BY ttl LIMIT 10");
    ASSERT_TRUE(plan.next());
    EXPECT_THAT(plan.text(3), testing::HasSubstr("tts_temp_audio_ttl"));
    EXPECT_FALSE(plan.next()) << "no sorting step";
}

}  // namespace
}  // namespace fadeout::records
