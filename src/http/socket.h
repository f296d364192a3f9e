#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <span>
#include <string_view>

#include "http/options.h"
#include "http/patience.h"

namespace fadeout::http {

namespace asio = boost::asio;

/// The client has gone, or can be waited for no longer: nothing more can be sent.
struct Disconnected {};

/// A TCP connection to a client that is never waited for without a deadline. Used on its own event loop only.
class Socket {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;

    Socket(asio::ip::tcp::socket socket, const Limits& limits);

    struct Read {
        std::size_t bytes = 0;  ///< 0: closed, or the deadline passed
        bool timed_out = false;
    };
    asio::awaitable<Read> read_some(std::span<char> into, TimePoint deadline);
    /// As long as the client is patient enough (Limits::stall, min_bytes_per_s).
    asio::awaitable<Read> read_some(std::span<char> into);

    /// Sends both, one behind the other. `more`: something follows at once, so a last small packet may wait
    /// for it. Throws Disconnected.
    asio::awaitable<void> write(std::string_view first, std::string_view second, bool more = false);
    /// Sends a stretch of a plain file without copying it through this process. Throws Disconnected, also
    /// where the file turns out shorter.
    asio::awaitable<void> send_file(int file, std::uint64_t offset, std::uint64_t size_bytes);
    void shutdown_send() noexcept;

    /// Gives the client a full allowance again: a new request begins.
    void renew_patience() noexcept;
    /// Called every Limits::tick: ends a wait whose deadline has passed.
    void tick(TimePoint now) noexcept;
    /// Ends whatever wait there is, as if its deadline had passed.
    void interrupt() noexcept;
    /// The client closed its side: asked of the kernel, without reading what may still be there.
    bool is_peer_gone() noexcept;

    std::string client_address() const;
    asio::any_io_executor executor() { return socket_.get_executor(); }

  private:
    /// Closes and drops what the client has not taken, which would otherwise stay in the kernel's memory for
    /// long.
    void reset() noexcept;
    /// After a system call failed with `error`: waits until the socket takes bytes again.
    asio::awaitable<void> wait_writable(int error, std::uint64_t sent_bytes);

    asio::ip::tcp::socket socket_;
    const Limits& limits_;
    Patience patience_;
    TimePoint deadline_ = TimePoint::max();
    bool interrupted_ = false;
};

}  // namespace fadeout::http
