#pragma once
#include <sys/socket.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "base/file.h"

namespace fadeout::jobs {

/// Speaks Redis' protocol on the loopback address and answers as a test wants, for what a real server cannot
/// be made to do. One connection at a time.
class FakeRedis {
  public:
    /// The raw answer to a command; empty closes the connection. Called on the fake's own thread.
    using Answer = std::function<std::string(const std::vector<std::string>& command)>;

    explicit FakeRedis(Answer answer);
    ~FakeRedis() { ::shutdown(listener_.get(), SHUT_RDWR); }

    std::uint16_t port() const { return port_; }
    int connections() const { return connections_; }  ///< accepted until now

  private:
    void serve();
    void talk(const Descriptor& client);

    const Answer answer_;
    std::uint16_t port_ = 0;
    Descriptor listener_;
    std::atomic<int> connections_ = 0;
    std::jthread thread_;
};

}  // namespace fadeout::jobs
