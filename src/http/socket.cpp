#include "http/socket.h"

#include <poll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>

namespace fadeout::http {

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
/// So much of a file at a time, before other connections of the event loop get their turn.
constexpr std::uint64_t sendfile_bytes = 2 << 20;

using Steady = std::chrono::steady_clock;

Duration elapsed_since(Socket::TimePoint start) {
    return std::chrono::duration_cast<Duration>(Steady::now() - start);
}

}  // namespace

Socket::Socket(asio::ip::tcp::socket socket, const Limits& limits)
    : socket_(std::move(socket)), limits_(limits), patience_(limits.stall, limits.min_bytes_per_s) {
    boost::system::error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    socket_.native_non_blocking(true, ignored);
}

asio::awaitable<Socket::Read> Socket::read_some(std::span<char> into, TimePoint deadline) {
    deadline_ = deadline;
    interrupted_ = false;
    const auto [error, n] =
        co_await socket_.async_read_some(asio::buffer(into.data(), into.size()), as_result);
    deadline_ = TimePoint::max();
    if (error) co_return Read{.bytes = 0, .timed_out = interrupted_};
    co_return Read{.bytes = n, .timed_out = false};
}

asio::awaitable<Socket::Read> Socket::read_some(std::span<char> into) {
    const TimePoint start = Steady::now();
    const Read read = co_await read_some(into, start + patience_.left());
    patience_.account(elapsed_since(start), read.bytes);
    co_return read;
}

asio::awaitable<void> Socket::wait_writable(int error, std::uint64_t sent_bytes) {
    if (error == EINTR) co_return;
    if (error != EAGAIN && error != EWOULDBLOCK) throw Disconnected{};
    const TimePoint start = Steady::now();
    deadline_ = start + patience_.left();
    interrupted_ = false;
    const auto [wait_error] = co_await socket_.async_wait(asio::ip::tcp::socket::wait_write, as_result);
    deadline_ = TimePoint::max();
    if (wait_error) {
        if (interrupted_) reset();
        throw Disconnected{};
    }
    patience_.account(elapsed_since(start), sent_bytes);
}

asio::awaitable<void> Socket::write(std::string_view first, std::string_view second, bool more) {
    std::uint64_t since_wait = 0;
    while (!first.empty() || !second.empty()) {
        std::array<iovec, 2> parts = {iovec{const_cast<char*>(first.data()), first.size()},
                                      iovec{const_cast<char*>(second.data()), second.size()}};
        msghdr message{};
        message.msg_iov = parts.data();
        message.msg_iovlen = parts.size();
        const ssize_t n = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | (more ? MSG_MORE : 0));
        if (n < 0) {
            co_await wait_writable(errno, since_wait);
            since_wait = 0;
            continue;
        }
        const auto sent = static_cast<std::size_t>(n);
        since_wait += sent;
        const std::size_t of_first = std::min(sent, first.size());
        first.remove_prefix(of_first);
        second.remove_prefix(sent - of_first);
    }
}

asio::awaitable<void> Socket::send_file(int file, std::uint64_t offset, std::uint64_t size_bytes) {
    auto position = static_cast<off_t>(offset);
    std::uint64_t since_wait = 0;
    while (size_bytes > 0) {
        const ssize_t n =
            ::sendfile(socket_.native_handle(), file, &position, std::min(size_bytes, sendfile_bytes));
        if (n == 0) throw Disconnected{};
        if (n < 0) {
            co_await wait_writable(errno, since_wait);
            since_wait = 0;
            continue;
        }
        size_bytes -= static_cast<std::uint64_t>(n);
        since_wait += static_cast<std::uint64_t>(n);
        if (size_bytes > 0 && since_wait >= sendfile_bytes)
            co_await asio::post(socket_.get_executor(), asio::use_awaitable);
    }
}

void Socket::reset() noexcept {
    boost::system::error_code ignored;
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    socket_.close(ignored);  // here, because the destructor would take the option back
}

void Socket::shutdown_send() noexcept {
    boost::system::error_code ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
}

void Socket::renew_patience() noexcept {
    patience_ = Patience(limits_.stall, limits_.min_bytes_per_s);
}

void Socket::tick(TimePoint now) noexcept {
    if (now >= deadline_) interrupt();
}

void Socket::interrupt() noexcept {
    deadline_ = TimePoint::max();
    interrupted_ = true;
    boost::system::error_code ignored;
    socket_.cancel(ignored);
}

bool Socket::is_peer_gone() noexcept {
    pollfd state{.fd = socket_.native_handle(), .events = POLLRDHUP, .revents = 0};
    return ::poll(&state, 1, 0) > 0;
}

std::string Socket::client_address() const {
    boost::system::error_code error;
    const auto endpoint = socket_.remote_endpoint(error);
    return error ? "-" : endpoint.address().to_string();
}

}  // namespace fadeout::http
