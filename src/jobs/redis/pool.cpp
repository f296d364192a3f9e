#include "jobs/redis/pool.h"

#include "jobs/transitions.h"

namespace fadeout::jobs::redis {

namespace {

/// How long a server that cannot be reached is left alone.
const Limits reconnect{.backoff_base = Duration(100), .backoff_limit = Duration(5'000)};

}  // namespace

Pool::Loan Pool::lend() {
    std::unique_lock lock(mutex_);
    returned_.wait(lock, [this] { return lent_ < limit_; });
    ++lent_;
    if (!idle_.empty()) {
        std::unique_ptr<Connection> connection = std::move(idle_.back());
        idle_.pop_back();
        return {*this, std::move(connection)};
    }
    if (last_failure_ && Steady::now() < next_try_) {
        --lent_;
        returned_.notify_one();
        throw Error(*last_failure_);
    }
    lock.unlock();
    return {*this, connect()};
}

std::unique_ptr<Connection> Pool::connect() {
    try {
        auto connection = std::make_unique<Connection>(address_, timeouts_);
        std::lock_guard lock(mutex_);
        failures_ = 0;
        last_failure_.reset();
        return connection;
    } catch (const Error& e) {
        std::lock_guard lock(mutex_);
        last_failure_.emplace(e);
        next_try_ = Steady::now() + backoff(reconnect, ++failures_, system_random());
        --lent_;
        returned_.notify_one();
        throw;
    }
}

void Pool::take_back(std::unique_ptr<Connection> connection) {
    std::lock_guard lock(mutex_);
    --lent_;
    if (connection->usable()) idle_.push_back(std::move(connection));
    returned_.notify_one();
}

void Pool::forget_failure() {
    const std::lock_guard lock(mutex_);
    failures_ = 0;
    last_failure_.reset();
}

void Pool::drop_idle() {
    std::vector<std::unique_ptr<Connection>> dropped;
    std::lock_guard lock(mutex_);
    dropped.swap(idle_);
}

}  // namespace fadeout::jobs::redis
