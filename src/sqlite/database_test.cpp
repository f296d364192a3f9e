#include "sqlite/database.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fstream>
#include <latch>
#include <thread>
#include <vector>

#include "base/test_folder.h"
#include "sqlite/test_faults.h"

namespace fadeout::sqlite {
namespace {

constexpr std::array first_schema = {"CREATE TABLE numbers (n INTEGER PRIMARY KEY)"};
constexpr std::array second_schema = {first_schema[0],
                                      "ALTER TABLE numbers ADD COLUMN name TEXT DEFAULT 'none'"};

class DatabaseTest : public testing::Test {
  protected:
    Database open() { return Database(path_, "numbers", first_schema); }

    static void add(Database& database, int n) {
        database.write([n](Connection& c) { c.execute("INSERT INTO numbers (n) VALUES (?)", n); });
    }
    static std::int64_t count(Database& database) {
        return database.read([](Connection& c) {
            Query row = c.query("SELECT count(*) FROM numbers");
            row.next();
            return row.integer(0);
        });
    }
    template <class Action>
    static Error failure_of(Action&& action) {
        try {
            action();
        } catch (const Error& e) {
            return e;
        }
        return {ErrorKind::cancelled, "nothing failed"};
    }

    TestFolder folder_;
    const std::string path_ = folder_.file("numbers.db");
};

TEST_F(DatabaseTest, IsDurableInWalMode) {
    Database database = open();
    database.write([](Connection& c) { c.execute("INSERT INTO numbers (n) VALUES (1)"); });
    const auto pragma = [&](const char* sql) {
        return database.write([sql](Connection& c) {
            Query row = c.query(sql);
            row.next();
            return row.text(0);
        });
    };
    EXPECT_EQ(pragma("PRAGMA journal_mode"), "wal");
    EXPECT_EQ(pragma("PRAGMA synchronous"), "2") << "2 = FULL: every commit is synced";
}

TEST_F(DatabaseTest, OnlyItsOwnerMayReadTheFiles) {
    Database database = open();
    add(database, 1);
    for (const char* suffix : {"", "-wal", "-shm"}) {
        struct stat info {};
        ASSERT_EQ(::stat((path_ + suffix).c_str(), &info), 0) << suffix;
        EXPECT_EQ(info.st_mode & 0777, 0600u) << suffix;
    }
}

TEST_F(DatabaseTest, MigratesOnceAndKeepsWhatIsThere) {
    {
        Database database = open();
        add(database, 1);
    }
    for (int i = 0; i < 2; ++i) {
        Database database(path_, "numbers", second_schema);
        const auto name = database.read([](Connection& c) {
            Query row = c.query("SELECT name FROM numbers");
            row.next();
            return row.text(0);
        });
        EXPECT_EQ(name, "none");
    }
}

TEST_F(DatabaseTest, RefusesAFileOfANewerVersion) {
    { Database newer(path_, "numbers", second_schema); }
    const Error e = failure_of([&] { open(); });
    EXPECT_EQ(e.kind(), ErrorKind::unavailable);
    EXPECT_NE(std::string(e.what()).find("newer"), std::string::npos) << e.what();
}

TEST_F(DatabaseTest, TwoPartsMayShareAFile) {
    constexpr std::array other_schema = {"CREATE TABLE letters (l TEXT)", "CREATE TABLE words (w TEXT)"};
    Database numbers = open();
    Database letters(path_, "letters", other_schema);
    add(numbers, 1);
    letters.check();
    EXPECT_EQ(count(numbers), 1);
}

TEST_F(DatabaseTest, ManyMayOpenANewFileAtOnce) {
    std::vector<std::jthread> pool;
    for (int i = 0; i < 6; ++i)
        pool.emplace_back([&, i] {
            Database database = open();
            add(database, i);
        });
    pool.clear();
    Database database = open();
    EXPECT_EQ(count(database), 6);
}

TEST_F(DatabaseTest, ThreadsShareCommits) {
    constexpr int threads = 16, each = 100;
    Database database = open();
    std::vector<std::jthread> pool;
    for (int t = 0; t < threads; ++t)
        pool.emplace_back([&, t] {
            for (int i = 0; i < each; ++i) add(database, t * each + i);
        });
    pool.clear();
    EXPECT_EQ(count(database), threads * each);
}

TEST_F(DatabaseTest, AFailedOperationUndoesItselfOnly) {
    Database database = open();
    constexpr int threads = 8, each = 50;
    std::atomic<int> refused = 0;
    std::vector<std::jthread> pool;
    for (int t = 0; t < threads; ++t)
        pool.emplace_back([&, t] {
            for (int i = 0; i < each; ++i) {
                const int n = t * each + i;
                try {
                    database.write([&](Connection& c) {
                        c.execute("INSERT INTO numbers (n) VALUES (?)", n);
                        if (n % 3 == 0) throw Error(ErrorKind::conflict, "refused");
                    });
                } catch (const Error& e) {
                    EXPECT_EQ(e.kind(), ErrorKind::conflict);
                    ++refused;
                }
            }
        });
    pool.clear();
    const int expected_refusals = (threads * each + 2) / 3;
    EXPECT_EQ(refused, expected_refusals);
    EXPECT_EQ(count(database), threads * each - expected_refusals);
}

TEST_F(DatabaseTest, ReadersAreNotHeldUpByAWriter) {
    Database database = open();
    database.write([&](Connection& c) {
        c.execute("INSERT INTO numbers (n) VALUES (1)");
        EXPECT_EQ(count(database), 0) << "a read during a write sees what was committed before";
    });
    EXPECT_EQ(count(database), 1);
}

TEST_F(DatabaseTest, TwoProcessesWriteAtOnce) {
    constexpr int each = 200;
    const pid_t child = ::fork();
    if (child == 0) {
        try {
            Database database = open();
            for (int i = 0; i < each; ++i) add(database, 1'000 + i);
        } catch (...) {
            ::_exit(1);
        }
        ::_exit(0);
    }
    Database database = open();
    for (int i = 0; i < each; ++i) add(database, i);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    EXPECT_EQ(count(database), 2 * each);
}

TEST_F(DatabaseTest, FullDiskIsSaidAndOvercome) {
    Database database = open();
    add(database, 1);
    {
        const FullDisk full;
        const Error e = failure_of([&] { add(database, 2); });
        EXPECT_EQ(e.kind(), ErrorKind::storage_full) << e.what() << e.detail();
        EXPECT_EQ(failure_of([&] { database.check(); }).kind(), ErrorKind::storage_full);
        EXPECT_EQ(count(database), 1);
    }
    add(database, 3);
    EXPECT_EQ(count(database), 2);
}

TEST_F(DatabaseTest, AFullDiskFailsEveryCallerOfTheBatch) {
    Database database = open();
    const FullDisk full;
    std::atomic<int> failed = 0;
    std::vector<std::jthread> pool;
    for (int t = 0; t < 8; ++t)
        pool.emplace_back([&, t] {
            if (failure_of([&] { add(database, t); }).kind() == ErrorKind::storage_full) ++failed;
        });
    pool.clear();
    EXPECT_EQ(failed, 8);
    EXPECT_EQ(count(database), 0);
}

/// What does not fit into the page cache reaches the disk before the commit, and SQLite then undoes the whole
/// transaction by itself.
TEST_F(DatabaseTest, ADiskThatFillsWithinAnOperationFailsTheWholeBatchForThatReason) {
    Database database = open();
    const FullDisk full;
    std::vector<std::jthread> pool;
    std::atomic<int> failed = 0;
    std::latch leading(1), gathered(1);
    const auto expect_full = [&](auto&& write) {
        const Error e = failure_of([&] { database.write(write); });
        EXPECT_EQ(e.kind(), ErrorKind::storage_full) << e.what() << e.detail();
        ++failed;
    };
    pool.emplace_back([&] {
        expect_full([&](Connection& c) {
            leading.count_down();
            gathered.wait();
            c.execute("INSERT INTO numbers (n) VALUES (0)");
        });
    });
    leading.wait();
    for (int t = 1; t < 8; ++t)
        pool.emplace_back([&, t] {
            expect_full([t](Connection& c) {
                for (int n = 0; n < (t == 4 ? 1'000'000 : 1); ++n)
                    c.execute("INSERT INTO numbers (n) VALUES (?)", t + 8 * n);
            });
        });
    std::this_thread::sleep_for(std::chrono::milliseconds(100));  // for the others to queue up
    gathered.count_down();
    pool.clear();
    EXPECT_EQ(failed, 8);
    EXPECT_EQ(count(database), 0);
}

TEST_F(DatabaseTest, ReadOnlyDiskIsSaid) {
    { Database database = open(); }
    const ReadOnlyDisk read_only;
    const Error e = failure_of([&] { open(); });
    EXPECT_EQ(e.kind(), ErrorKind::unavailable) << e.what() << e.detail();
    EXPECT_NE(std::string(e.what()).find("cannot be written"), std::string::npos) << e.what();
}

TEST_F(DatabaseTest, MissingFolderIsSaid) {
    const Error e = failure_of([&] { Database(folder_.file("absent/numbers.db"), "numbers", first_schema); });
    EXPECT_EQ(e.kind(), ErrorKind::unavailable);
    EXPECT_NE(std::string(e.what()).find("folder"), std::string::npos) << e.what();
    EXPECT_EQ(std::string(e.what()).find(folder_.path().string()), std::string::npos) << "no paths in public";
}

TEST_F(DatabaseTest, AFileThatIsNoDatabaseIsSaid) {
    std::ofstream(path_) << std::string(8'192, 'x');
    const Error e = failure_of([&] { open(); });
    EXPECT_EQ(e.kind(), ErrorKind::internal);
    EXPECT_NE(std::string(e.what()).find("damaged"), std::string::npos) << e.what();
}

TEST_F(DatabaseTest, ADamagedPageIsSaid) {
    {
        Database database = open();
        for (int i = 0; i < 2'000; i += 100)
            database.write([i](Connection& c) {
                for (int n = i; n < i + 100; ++n) c.execute("INSERT INTO numbers (n) VALUES (?)", n);
            });
    }
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(2 * 4'096);
    file << std::string(10 * 4'096, '\xee');
    file.close();
    const Error e = failure_of([&] {
        Database database = open();
        count(database);
        add(database, 5'000);
        database.read([](Connection& c) {
            Query row = c.query("SELECT sum(n) FROM numbers");
            row.next();
            return row.integer(0);
        });
    });
    EXPECT_EQ(e.kind(), ErrorKind::internal) << e.what() << e.detail();
    EXPECT_NE(std::string(e.what()).find("damaged"), std::string::npos) << e.what();
}

TEST_F(DatabaseTest, WhatWasWrittenSurvivesKill) {
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        Database database = open();
        for (std::int32_t i = 1;; ++i) {
            add(database, i);
            if (::write(pipe[1], &i, sizeof i) != sizeof i) ::_exit(1);
        }
    }
    ::close(pipe[1]);
    std::int32_t last = 0;
    while (last < 50) ASSERT_EQ(::read(pipe[0], &last, sizeof last), ssize_t{sizeof last});
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    for (std::int32_t more; ::read(pipe[0], &more, sizeof more) == sizeof more;) last = more;
    ::close(pipe[0]);
    Database database = open();
    EXPECT_GE(count(database), last);
}

}  // namespace
}  // namespace fadeout::sqlite
