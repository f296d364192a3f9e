#pragma once
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/error.h"
#include "jobs/redis/connection.h"

namespace fadeout::jobs::redis {

/// Connections to one server, each lent to one thread at a time. Makes them when they are needed, at most
/// `limit` at a time; who comes then waits. Thread-safe.
class Pool {
  public:
    /// A connection on loan; goes back when this goes, or is closed where it is not usable any more.
    class Loan {
      public:
        Loan(Pool& pool, std::unique_ptr<Connection> connection)
            : pool_(pool), connection_(std::move(connection)) {}
        ~Loan() { pool_.take_back(std::move(connection_)); }
        Loan(const Loan&) = delete;
        Loan& operator=(const Loan&) = delete;
        Connection& operator*() { return *connection_; }

      private:
        Pool& pool_;
        std::unique_ptr<Connection> connection_;
    };

    Pool(Address address, const Timeouts& timeouts, std::size_t limit)
        : address_(std::move(address)), timeouts_(timeouts), limit_(limit) {}

    /// Error(unavailable) where no connection can be made. After such a failure the server is left alone for
    /// a while that doubles with each, and the same Error comes at once.
    Loan lend();
    /// Closes all that are not on loan: one broke, so that the others probably did too.
    void drop_idle();
    /// Somebody else reached the server: it is no longer left alone.
    void forget_failure();

  private:
    using Steady = std::chrono::steady_clock;

    void take_back(std::unique_ptr<Connection> connection);
    std::unique_ptr<Connection> connect();

    const Address address_;
    const Timeouts timeouts_;
    const std::size_t limit_;

    std::mutex mutex_;
    std::condition_variable returned_;
    std::vector<std::unique_ptr<Connection>> idle_;  ///< the last returned is lent first
    std::size_t lent_ = 0;
    int failures_ = 0;  ///< connections that could not be made since the last that could
    std::optional<Error> last_failure_;
    Steady::time_point next_try_{};
};

}  // namespace fadeout::jobs::redis
