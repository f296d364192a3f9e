#pragma once
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <span>
#include <string>

#include "sqlite/connection.h"

namespace fadeout::sqlite {

/// Lets many threads share one commit, since the fsync is what a durable write costs. The first thread to
/// arrive leads: it runs everything that waits in one transaction while the next batch gathers behind it. No
/// thread of its own; at most as many wait as threads call. (The write queue of LevelDB, db/db_impl.cc, works
/// this way.)
class GroupCommit {
  public:
    /// `name` is the database's, for messages.
    GroupCommit(Connection& connection, std::string name) : connection_(connection), name_(std::move(name)) {}

    /// Runs `operation` in a write transaction, perhaps on another thread. Returns when it is on the disk.
    /// What the operation throws undoes only its own changes and comes out here; a failed commit comes out at
    /// every caller. What SQLite throws comes out as an Error.
    void run(const std::function<void()>& operation);

  private:
    struct Waiting {
        const std::function<void()>& operation;
        std::exception_ptr error{};
        bool finished = false;
        std::condition_variable turn{};
    };

    void lead(std::unique_lock<std::mutex>& lock);
    void commit(std::span<Waiting* const> batch);
    void run_one(Waiting& waiting);
    std::exception_ptr current_failure() const;

    Connection& connection_;
    const std::string name_;
    std::mutex mutex_;
    std::deque<Waiting*> queue_;
    bool leading_ = false;
};

}  // namespace fadeout::sqlite
