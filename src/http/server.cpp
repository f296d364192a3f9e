#include "http/server.h"

#include <pthread.h>
#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <thread>
#include <vector>

#include "base/ids.h"
#include "http/connection.h"
#include "http/handlers.h"
#include "http/response_head.h"
#include "http/status.h"

namespace fadeout::http {

using asio::ip::tcp;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
/// After accept() failed (no descriptors left): a pause, not a busy loop.
constexpr Duration accept_pause{100};
/// For what was told to stop to say so.
constexpr Duration farewell{2'000};

tcp::endpoint endpoint_of(const ServerOptions& options) {
    boost::system::error_code error;
    const std::string name = options.listen_address == "localhost" ? "127.0.0.1" : options.listen_address;
    const auto address = asio::ip::make_address(name, error);
    if (error)
        throw Error(ErrorKind::invalid, "'" + options.listen_address +
                                            "' is not an IP address to listen on; 127.0.0.1 or 0.0.0.0 are");
    return {address, options.port};
}

tcp::acceptor listen_on(asio::io_context& context, const ServerOptions& options) {
    const tcp::endpoint endpoint = endpoint_of(options);
    try {
        return tcp::acceptor(context, endpoint, true);
    } catch (const boost::system::system_error& e) {
        throw Error(ErrorKind::unavailable, "Cannot listen on port " + std::to_string(options.port) + ": " +
                                                e.code().message() + ". Choose another one with --listen.");
    }
}

/// Tells a client that there is no room, as far as that is possible without waiting for it.
void turn_away(tcp::socket& socket) {
    const Response response =
        error_response(ErrorStyle::error, 503, "There are too many connections; try again");
    const std::string id = make_uuid();
    const std::string answer =
        format_head(response,
                    {.request_id = id, .cors = {}, .keep_alive = false, .now = SystemClock().now()}) +
        response.body;
    ::send(socket.native_handle(), answer.data(), answer.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    boost::system::error_code ignored;
    socket.shutdown(tcp::socket::shutdown_send, ignored);
}

/// sendfile(2) to a client that has gone raises it, and unlike sendmsg(2) it takes no MSG_NOSIGNAL.
void block_sigpipe() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

asio::awaitable<void> serve(std::unique_ptr<Connection> connection) {
    co_await connection->run();
}

/// Looks after all connections of a loop, for as long as the loop runs.
asio::awaitable<void> watch(EventLoop& loop, Duration tick) {
    asio::steady_timer timer(loop.context);
    while (true) {
        timer.expires_after(tick);
        co_await timer.async_wait(as_result);
        const auto now = std::chrono::steady_clock::now();
        for (Connection* connection : loop.connections) connection->tick(now);
    }
}

}  // namespace

class Server::Impl {
  public:
    Impl(ServerOptions options, service::Services& services)
        : core_(options,
                options.health_only ? health_routes(services, options.limits)
                                    : all_routes(services, options.limits),
                services.metrics),
          loops_(make_loops(core_.options.io_threads)),
          acceptor_(listen_on(loops_.front()->context, core_.options)),
          port_(acceptor_.local_endpoint().port()) {}

    ~Impl() {
        for (auto& loop : loops_) loop->context.stop();
        for (std::thread& thread : threads_) thread.join();
    }

    std::uint16_t port() const noexcept { return port_; }

    void run() {
        for (auto& loop : loops_)
            asio::co_spawn(loop->context, watch(*loop, core_.options.limits.tick), asio::detached);
        asio::co_spawn(loops_.front()->context, accept(), asio::detached);
        for (auto& loop : loops_)
            threads_.emplace_back([&loop] {
                block_sigpipe();
                loop->context.run();
            });
        {
            std::unique_lock lock(mutex_);
            stop_wanted_.wait(lock, [this] { return core_.stopping.load(); });
        }
        leave();
    }

    void stop() {
        const std::lock_guard lock(mutex_);
        core_.stopping = true;
        stop_wanted_.notify_all();
    }

  private:
    static std::vector<std::unique_ptr<EventLoop>> make_loops(std::size_t count) {
        std::vector<std::unique_ptr<EventLoop>> loops;
        for (std::size_t i = 0; i < count; ++i) loops.push_back(std::make_unique<EventLoop>());
        return loops;
    }

    EventLoop& least_loaded() {
        return **std::ranges::min_element(loops_, {}, [](const auto& loop) { return loop->load.load(); });
    }

    asio::awaitable<void> accept() {
        asio::steady_timer pause(loops_.front()->context);
        while (acceptor_.is_open()) {
            EventLoop& loop = least_loaded();
            tcp::socket socket(loop.context);
            const auto [error] = co_await acceptor_.async_accept(socket, as_result);
            if (error == asio::error::operation_aborted) co_return;
            if (error) {
                pause.expires_after(accept_pause);
                co_await pause.async_wait(as_result);
            } else if (core_.begin_connection()) {
                asio::co_spawn(loop.context,
                               serve(std::make_unique<Connection>(std::move(socket), loop, core_)),
                               asio::detached);
            } else {
                turn_away(socket);
            }
        }
    }

    /// Runs `what` on every connection, each on its own loop's thread.
    void for_each_connection(void (Connection::*what)()) {
        for (auto& loop : loops_)
            asio::post(loop->context, [&loop, what] {
                for (Connection* connection : loop->connections) (connection->*what)();
            });
    }

    void leave() {
        asio::post(loops_.front()->context, [this] { acceptor_.close(); });
        for_each_connection(&Connection::begin_stop);
        if (!core_.wait_for_connections(core_.options.shutdown_grace)) {
            for_each_connection(&Connection::force_stop);
            core_.wait_for_connections(farewell);
        }
        core_.wait_for_pools();  // they still refer to connections
        for (auto& loop : loops_) loop->context.stop();
        for (std::thread& thread : threads_) thread.join();
        threads_.clear();
    }

    Core core_;
    std::vector<std::unique_ptr<EventLoop>> loops_;
    tcp::acceptor acceptor_;
    const std::uint16_t port_;
    std::vector<std::thread> threads_;
    std::mutex mutex_;
    std::condition_variable stop_wanted_;
};

Server::Server(ServerOptions options, service::Services& services)
    : impl_(std::make_unique<Impl>(std::move(options), services)) {}
Server::~Server() = default;
std::uint16_t Server::port() const noexcept {
    return impl_->port();
}
void Server::run() {
    impl_->run();
}
void Server::stop() {
    impl_->stop();
}

}  // namespace fadeout::http
