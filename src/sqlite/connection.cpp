#include "sqlite/connection.h"

#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <thread>

namespace fadeout::sqlite {

namespace {

constexpr int busy_timeout_ms = 5'000;

/// SQLite would make the file readable by everybody. mknod does not open it: closing a descriptor of a
/// database that is open elsewhere in this process would drop that connection's POSIX locks.
const std::string& make_private(const std::string& path) {
    ::mknod(path.c_str(), S_IFREG | S_IRUSR | S_IWUSR, 0);
    return path;
}

/// Going over to WAL needs the file for itself for a moment and does not wait for it by itself.
void use_wal(SQLite::Database& database) {
    for (int waited_ms = 0;; ++waited_ms) {
        try {
            if (database.execAndGet("PRAGMA journal_mode").getString() == "wal") return;
            database.exec("PRAGMA journal_mode = WAL");
        } catch (const SQLite::Exception& e) {
            if (e.getErrorCode() != SQLITE_BUSY || waited_ms >= busy_timeout_ms) throw;
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }
}

}  // namespace

Query::~Query() {
    statement_.tryReset();
    try {
        statement_.clearBindings();
    } catch (const SQLite::Exception&) {  // values stay bound until the next use binds them anew
    }
}

Connection::Connection(const std::string& path)
    : database_(make_private(path), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX,
                busy_timeout_ms) {
    if (sqlite3_db_readonly(database_.getHandle(), "main") == 1)
        throw SQLite::Exception("opened read-only", SQLITE_READONLY);
    use_wal(database_);
    database_.exec(
        "PRAGMA synchronous = FULL;"
        "PRAGMA temp_store = MEMORY;"
        "PRAGMA journal_size_limit = 67108864");
}

SQLite::Statement& Connection::prepare(std::string_view sql) {
    const auto kept = statements_.find(sql);
    if (kept != statements_.end()) return *kept->second;
    std::string text(sql);
    auto statement = std::make_unique<SQLite::Statement>(database_, text);
    return *statements_.emplace(std::move(text), std::move(statement)).first->second;
}

bool Connection::in_transaction() const {
    return sqlite3_get_autocommit(database_.getHandle()) == 0;
}

int Connection::system_errno() const {
    return sqlite3_system_errno(database_.getHandle());
}

Error to_error(const SQLite::Exception& failure, int system_errno, std::string_view name) {
    const std::string database = "The " + std::string(name) + " database ";
    std::string detail = std::string(failure.what()) + " (SQLite " +
                         std::to_string(failure.getExtendedErrorCode()) + ", errno " +
                         std::to_string(system_errno) + ")";
    const auto error = [&](ErrorKind kind, const char* message) {
        return Error(kind, database + message, std::move(detail));
    };
    const bool no_space = system_errno == ENOSPC || system_errno == EDQUOT;
    switch (failure.getErrorCode()) {
        case SQLITE_FULL:
            return error(ErrorKind::storage_full,
                         "has no space left. Free some on its disk, then try again.");
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return error(ErrorKind::unavailable,
                         "is locked by another process for too long. Try again, and end what holds it.");
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_AUTH:
            return error(ErrorKind::unavailable,
                         "cannot be written. Let the user that fadeout runs as write its file and folder.");
        case SQLITE_CANTOPEN:
            if (no_space) break;
            return error(ErrorKind::unavailable,
                         "cannot be opened. Check that its folder exists and that fadeout may write there.");
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return error(
                ErrorKind::internal,
                "is damaged or no database. Stop fadeout, put the file aside and restore a backup of it.");
        case SQLITE_IOERR:
            if (no_space) break;
            return error(ErrorKind::unavailable, "could not be read or written. Check its disk.");
        default:
            return error(ErrorKind::internal, "failed unexpectedly. The log tells why.");
    }
    return error(ErrorKind::storage_full, "has no space left. Free some on its disk, then try again.");
}

}  // namespace fadeout::sqlite
