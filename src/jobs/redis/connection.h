#pragma once
#include <memory>
#include <span>
#include <string_view>

#include "base/clock.h"
#include "jobs/redis/address.h"
#include "jobs/redis/reply.h"

namespace fadeout::jobs::redis {

struct Timeouts {
    Duration connect{2'000};
    Duration command{5'000};  ///< from one command to its answer
};

using Command = std::span<const std::string_view>;

/// One connection to a Redis server, logged in and in its database. One thread at a time. Never raises
/// SIGPIPE.
class Connection {
  public:
    /// Error(unavailable) tells what is wrong and how to mend it.
    Connection(const Address& address, const Timeouts& timeouts);

    /// Sends a command and waits for the answer, which may be an error answer. Null: the connection broke on
    /// the way; nobody knows whether the server ran the command. Error(unavailable): no answer came in time.
    Reply call(Command command);

    /// False once the connection broke, or its answers can no longer be told apart.
    bool usable() const { return usable_; }
    /// Not to be used for further commands, since a new one may lead to a better server.
    void retire() { usable_ = false; }

  private:
    struct Close {
        void operator()(redisContext* context) const noexcept { redisFree(context); }
    };

    void log_in(const Address& address);
    void require_ok(Command command);
    bool send(Command command);
    Reply receive();
    void require_in_time(int errno_value);

    std::unique_ptr<redisContext, Close> context_;
    bool usable_ = true;
};

}  // namespace fadeout::jobs::redis
