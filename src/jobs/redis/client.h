#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "jobs/redis/connection.h"
#include "jobs/redis/pool.h"

namespace fadeout::jobs::redis {

/// A Lua script and the digest by which a server that has seen it finds it again.
class Script {
  public:
    explicit Script(std::string text);
    const std::string& text() const { return text_; }
    const std::string& sha1() const { return sha1_; }

  private:
    std::string text_;
    std::string sha1_;
};

/// Commands to one Redis server over a pool of connections. Thread-safe.
///
/// A command whose connection broke, or led to a replica, is sent again on a new one, although the server may
/// have run it already: every command given to a Client must have the same effect and the same answer when it
/// is run twice.
class Client {
  public:
    Client(Address address, const Timeouts& timeouts, std::size_t connections)
        : pool_(std::move(address), timeouts, connections) {}

    /// The answer, never an error answer: those become an Error (to_error). Error(unavailable) where the
    /// server cannot be reached, keeps breaking off or does not answer in time.
    Reply call(Command command);

    /// Runs a script with one key and arguments. `fsync_within`: returns only when the server's append-only
    /// file has everything that was written on this connection (WAITAOF), Error(unavailable) if that takes
    /// longer; zero does not wait.
    Reply run(const Script& script, std::string_view key, Command arguments, Duration fsync_within = {});

    /// The server was reached by other means: the next command need not wait out an earlier failure.
    void forget_failure() { pool_.forget_failure(); }

  private:
    using Exchange = std::function<Reply(Connection&)>;
    Reply exchange(const Exchange& exchange);

    Pool pool_;
};

}  // namespace fadeout::jobs::redis
