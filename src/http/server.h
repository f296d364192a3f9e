#pragma once
#include <cstdint>
#include <memory>

#include "http/options.h"

namespace fadeout::service {
struct Services;
}

namespace fadeout::http {

/// The HTTP server: listens, answers the routes of docs/http-api.md by calling `services`, and leaves in good
/// order.
class Server {
  public:
    /// Listens at once, so that an address in use is told here: Error(unavailable). Error(invalid) for an
    /// address that is none. `services` must outlive the server.
    Server(ServerOptions options, service::Services& services);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    std::uint16_t port() const noexcept;

    /// Serves until stop(), then takes no new connections, lets requests in flight finish within
    /// ServerOptions::shutdown_grace, tells what is left to stop, and returns. At most once.
    void run();

    /// Any thread, any time, any number of times; not from a signal handler.
    void stop();

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace fadeout::http
