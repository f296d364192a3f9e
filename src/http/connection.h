#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <optional>
#include <set>
#include <stop_token>

#include "http/core.h"
#include "http/input_buffer.h"
#include "http/request_parser.h"
#include "http/socket.h"

namespace fadeout::http {

class Connection;

/// A request that cannot be served for a reason that only this layer knows.
struct Refusal {
    int status;
    std::string_view message;
};

/// One thread with its own event loop. A connection stays on the loop that it began on, so nothing in it is
/// locked.
struct EventLoop {
    std::set<Connection*> connections;  ///< touched on the loop's thread only
    std::atomic<std::size_t> load{0};   ///< how many connections it was given and has not ended
    asio::io_context context{1};
};

/// Serves one client: reads a request, answers it, and again, one at a time and in order.
class Connection {
  public:
    Connection(asio::ip::tcp::socket socket, EventLoop& loop, Core& core);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    asio::awaitable<void> run();

    // The following are called on the loop's thread.
    void tick(Socket::TimePoint now);  ///< deadlines; a client that went away while work is done for it
    void begin_stop();  ///< ends at once where no request is under way, otherwise behind its answer
    void force_stop();  ///< the grace time is over

  private:
    /// Why work was told to stop.
    enum class Cause { none, client_gone, too_long, leaving };

    asio::awaitable<bool> read_head();
    asio::awaitable<bool> serve();
    asio::awaitable<Response> answer();
    asio::awaitable<Response> dispatch();
    asio::awaitable<void> prepare_body(const Route& route);
    asio::awaitable<void> read_body(std::uint64_t max_bytes);
    asio::awaitable<void> take_body_bytes();
    asio::awaitable<Response> receive(const Route& route);
    asio::awaitable<Response> call(const Route& route);

    asio::awaitable<bool> send(Response response);
    asio::awaitable<void> send_object(const ObjectBody& object);
    asio::awaitable<void> send_events(EventSource& events);
    asio::awaitable<void> send_event_text(std::string_view text);
    asio::awaitable<void> drain();
    asio::awaitable<void> linger();
    bool can_drain() const;

    enum class Admission { bounded, continued };
    /// Runs `work` on a pool thread and comes back to this loop. What it throws comes back as a value, so
    /// that no exception object is shared between threads.
    asio::awaitable<std::optional<Error>> on_pool(WorkerPool& pool, Admission admission,
                                                  std::function<void()> work);
    void begin_work();
    void end_work();
    void stop_work(Cause cause);
    /// What is told when work ended because it was stopped.
    Error explain(const Error& error) const;
    void log(int status);

    Socket socket_;
    EventLoop& loop_;
    Core& core_;
    const Limits& limits_;
    InputBuffer input_;
    RequestParser parser_;
    asio::steady_timer timer_;
    std::string client_;
    bool first_request_ = true;
    bool idle_ = false;  ///< waits for the first byte of a request

    // Of the request under way.
    Request request_;
    Fields cors_;
    const Route* route_ = nullptr;  ///< of the entrance; null: none was found, or not yet
    int fault_ = 0;                 ///< refused before it was understood
    std::optional<Budget::Share> buffered_;
    std::chrono::steady_clock::time_point started_;
    std::uint64_t sent_body_bytes_ = 0;
    std::string log_detail_;
    bool logged_ = true;

    std::optional<std::stop_source> stop_;
    Cause cause_ = Cause::none;
    bool working_ = false;
    Socket::TimePoint work_started_;
    Socket::TimePoint work_deadline_;
};

}  // namespace fadeout::http
