#pragma once
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <type_traits>

#include "sqlite/connection.h"
#include "sqlite/group_commit.h"

namespace fadeout::sqlite {

/// One database file with the tables of one part of fadeout: durable writes in group commits, and reads that
/// neither wait for them nor hold them up. Several processes may use the same file, and several parts may
/// share one. Thread-safe; calls block. Failures are fadeout::Error: storage_full, unavailable, internal.
class Database {
  public:
    /// `name` is the part's ("records", "jobs"), for its schema version and for messages. `migrations` are
    /// the scripts that lead from an empty file to the present schema, in order; those not run yet are run.
    Database(const std::string& path, const std::string& name, std::span<const char* const> migrations);

    /// Calls read(Connection&). Keep it short: readers take turns.
    template <class Read>
    std::invoke_result_t<Read, Connection&> read(Read&& read) {
        std::lock_guard lock(reading_);
        try {
            return read(reader_);
        } catch (const SQLite::Exception& e) {
            throw to_error(e, reader_.system_errno(), name_);
        }
    }

    /// Calls write(Connection&) in a transaction, perhaps on another thread, and returns what it returned
    /// once that is on the disk. It must not write to this database again.
    template <class Write>
    std::invoke_result_t<Write, Connection&> write(Write&& write) {
        using Result = std::invoke_result_t<Write, Connection&>;
        if constexpr (std::is_void_v<Result>) {
            commits_.run([&] { write(writer_); });
        } else {
            std::optional<Result> result;
            commits_.run([&] { result = write(writer_); });
            return std::move(*result);
        }
    }

    /// Reads the schema and commits something small.
    void check();

  private:
    int schema_version();
    void migrate(std::span<const char* const> migrations);

    const std::string name_;
    Connection writer_;
    Connection reader_;
    GroupCommit commits_;
    std::mutex reading_;
};

}  // namespace fadeout::sqlite
