#include "sqlite/group_commit.h"

#include <SQLiteCpp/Exception.h>

#include <algorithm>
#include <vector>

namespace fadeout::sqlite {

namespace {
/// Bounds how long other processes wait for the write lock.
constexpr std::size_t max_batch = 256;
}  // namespace

void GroupCommit::run(const std::function<void()>& operation) {
    Waiting self{operation};
    std::unique_lock lock(mutex_);
    queue_.push_back(&self);
    self.turn.wait(lock, [&] { return self.finished || (!leading_ && queue_.front() == &self); });
    if (!self.finished) lead(lock);
    if (self.error) std::rethrow_exception(self.error);
}

void GroupCommit::lead(std::unique_lock<std::mutex>& lock) {
    const auto count = static_cast<std::ptrdiff_t>(std::min(queue_.size(), max_batch));
    const std::vector<Waiting*> batch(queue_.begin(), queue_.begin() + count);
    queue_.erase(queue_.begin(), queue_.begin() + count);
    leading_ = true;
    lock.unlock();
    commit(batch);
    lock.lock();
    leading_ = false;
    for (Waiting* waiting : batch) {
        waiting->finished = true;
        waiting->turn.notify_one();
    }
    if (!queue_.empty()) queue_.front()->turn.notify_one();
}

void GroupCommit::commit(std::span<Waiting* const> batch) {
    try {
        connection_.execute("BEGIN IMMEDIATE");
        for (Waiting* waiting : batch) run_one(*waiting);
        connection_.execute("COMMIT");
    } catch (...) {
        for (Waiting* waiting : batch)
            if (!waiting->error) waiting->error = current_failure();
        try {
            if (connection_.in_transaction()) connection_.execute("ROLLBACK");
        } catch (const SQLite::Exception&) {  // the callers hear of the first failure
        }
    }
}

void GroupCommit::run_one(Waiting& waiting) {
    connection_.execute("SAVEPOINT operation");
    try {
        waiting.operation();
    } catch (...) {
        waiting.error = current_failure();
        // A full disk rolls the whole transaction back by itself: then the batch is lost, for the same
        // reason.
        if (!connection_.in_transaction()) std::rethrow_exception(waiting.error);
        connection_.execute("ROLLBACK TO operation");
    }
    connection_.execute("RELEASE operation");
}

/// Taken at once and by the leader, while the connection still knows its errno. Of an Error a copy, so that
/// no two threads throw the same one.
std::exception_ptr GroupCommit::current_failure() const {
    try {
        throw;
    } catch (const SQLite::Exception& e) {
        return std::make_exception_ptr(to_error(e, connection_.system_errno(), name_));
    } catch (const Error& e) {
        return std::make_exception_ptr(Error(e.kind(), e.what(), e.detail()));
    } catch (...) {
        return std::current_exception();
    }
}

}  // namespace fadeout::sqlite
