#include "sqlite/database.h"

#include <SQLiteCpp/Exception.h>

#include <cerrno>

namespace fadeout::sqlite {

namespace {

Connection open(const std::string& path, const std::string& name) {
    errno = 0;
    try {
        return Connection(path);
    } catch (const SQLite::Exception& e) {
        throw to_error(e, errno, name);
    }
}

}  // namespace

Database::Database(const std::string& path, const std::string& name, std::span<const char* const> migrations)
    : name_(name), writer_(open(path, name)), reader_(open(path, name)), commits_(writer_, name) {
    try {
        migrate(migrations);
        reader_.run_script("PRAGMA query_only = ON");
    } catch (const SQLite::Exception& e) {
        throw to_error(e, writer_.system_errno(), name_);
    }
}

int Database::schema_version() {
    Query query = writer_.query("SELECT version FROM fadeout_schema WHERE part = ?", name_);
    return query.next() ? static_cast<int>(query.integer(0)) : 0;
}

void Database::migrate(std::span<const char* const> migrations) {
    const int target = static_cast<int>(migrations.size());
    writer_.run_script(
        "CREATE TABLE IF NOT EXISTS fadeout_schema ("
        "part TEXT PRIMARY KEY, version INTEGER NOT NULL, checks INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID");
    if (schema_version() == target) return;
    commits_.run([&] {
        const int version = schema_version();  // again: another process may have been faster
        if (version > target)
            throw Error(
                ErrorKind::unavailable,
                "The " + name_ + " database was made by a newer fadeout. Use that version, or a new file.");
        for (int i = version; i < target; ++i) writer_.run_script(migrations[static_cast<std::size_t>(i)]);
        writer_.execute("REPLACE INTO fadeout_schema (part, version) VALUES (?, ?)", name_, target);
    });
}

void Database::check() {
    write([&](Connection& connection) {
        // A change, because SQLite does not write a page whose bytes stay the same.
        connection.execute("UPDATE fadeout_schema SET checks = checks + 1 WHERE part = ?", name_);
    });
}

}  // namespace fadeout::sqlite
