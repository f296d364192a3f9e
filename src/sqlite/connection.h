#pragma once
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <concepts>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace fadeout::sqlite {

/// One run of a prepared statement: values bound, rows read, reset at the end, so that no snapshot stays
/// open.
class Query {
  public:
    template <class... Values>
    explicit Query(SQLite::Statement& statement, const Values&... values) : statement_(statement) {
        int index = 0;
        (bind(++index, values), ...);
    }
    ~Query();
    Query(const Query&) = delete;
    Query& operator=(const Query&) = delete;

    bool next() { return statement_.executeStep(); }  ///< steps to the next row, false after the last

    /// Values of the present row; columns count from 0.
    std::string text(int column) { return statement_.getColumn(column).getString(); }
    std::int64_t integer(int column) { return statement_.getColumn(column).getInt64(); }
    double real(int column) { return statement_.getColumn(column).getDouble(); }

  private:
    void bind(int index, std::integral auto value) {
        statement_.bind(index, static_cast<std::int64_t>(value));
    }
    void bind(int index, double value) { statement_.bind(index, value); }
    void bind(int index, const std::string& value) { statement_.bind(index, value); }
    void bind(int index, std::string_view value) { statement_.bind(index, std::string(value)); }

    SQLite::Statement& statement_;
};

/// One connection with its prepared statements: WAL, synchronous=FULL (each commit reaches the disk), waiting
/// up to 5 s for a lock that another process holds. One thread at a time. Throws SQLite::Exception.
class Connection {
  public:
    /// Opens the file and makes it (mode 0600: links are secrets) if it is not there. Its folder must exist.
    explicit Connection(const std::string& path);

    /// The prepared statement is kept, so `sql` should be one of few texts.
    template <class... Values>
    Query query(std::string_view sql, const Values&... values) {
        return Query(prepare(sql), values...);
    }
    /// Runs a statement that returns no rows; tells how many rows it changed.
    template <class... Values>
    int execute(std::string_view sql, const Values&... values) {
        Query(prepare(sql), values...).next();
        return database_.getChanges();
    }
    void run_script(const char* sql) { database_.exec(sql); }

    bool in_transaction() const;
    /// errno of the system call that failed last, to tell a full disk from a broken one.
    int system_errno() const;

  private:
    SQLite::Statement& prepare(std::string_view sql);

    SQLite::Database database_;
    std::map<std::string, std::unique_ptr<SQLite::Statement>, std::less<>> statements_;
};

/// What a failure means to whoever asked. `name` is what people call the database: "records", "jobs".
Error to_error(const SQLite::Exception& failure, int system_errno, std::string_view name);

}  // namespace fadeout::sqlite
