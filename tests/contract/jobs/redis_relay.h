#pragma once
#include <poll.h>
#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <list>
#include <vector>

#include "base/file.h"

namespace fadeout::jobs {

/// Stands between a client process and a Redis server on the loopback address, passes bytes on, and
/// interferes at one moment. A moment is the arrival of a piece of bytes from either side, before it is
/// passed on: of a command that the server has not seen yet, or of an answer that the client has not seen
/// yet. Runs in the thread that calls it.
class Relay {
  public:
    enum class Fault {
        kill_client,  ///< SIGKILL
        cut,          ///< closes the connection; the piece is lost
    };

    explicit Relay(std::uint16_t server_port);
    std::uint16_t port() const { return port_; }

    /// Passes bytes on until `client` has ended, with the fault at the `moment`th piece, counted from 0.
    /// False: it ended before that. `status`: as of waitpid.
    bool run(pid_t client, Fault fault, int moment, int& status);

  private:
    struct Connection {
        Descriptor client, server;
        bool open = true;
    };

    void accept();
    /// One piece, unless `interferes()`.
    void pass(Connection& connection, const Descriptor& from, const Descriptor& to,
              const std::function<bool()>& interferes);

    std::uint16_t server_port_;
    std::uint16_t port_ = 0;
    Descriptor listener_;
    std::list<Connection> connections_;
};

}  // namespace fadeout::jobs
