#include "http/connection.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ids.h"
#include "base/text.h"
#include "http/status.h"

namespace fadeout::http {

namespace {

using Steady = std::chrono::steady_clock;

/// A body that goes to a receiver does so in pieces of about this size.
constexpr std::size_t piece_bytes = 256 << 10;

std::string_view fault_message(int status) {
    switch (status) {
        case 408:
            return "The request took too long to arrive";
        case 431:
            return "The header of the request is too large";
        case 505:
            return "Only HTTP/1.0 and HTTP/1.1 are spoken here";
        default:
            return "The request is not valid HTTP";
    }
}

/// The client's own id where it is fit to be repeated and logged.
std::string request_id_for(std::string_view wanted) {
    const auto fit = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_' || c == '.';
    };
    const bool sane = !wanted.empty() && wanted.size() <= 64 && std::ranges::all_of(wanted, fit);
    return sane ? std::string(wanted) : make_uuid();
}

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket, EventLoop& loop, Core& core)
    : socket_(std::move(socket), core.options.limits),
      loop_(loop),
      core_(core),
      limits_(core.options.limits),
      input_(limits_.header_bytes),
      parser_(limits_.header_bytes),
      timer_(loop.context),
      client_(socket_.client_address()) {
    ++loop_.load;
}

Connection::~Connection() {
    loop_.connections.erase(this);
    --loop_.load;
    core_.end_connection();
}

asio::awaitable<void> Connection::run() {
    loop_.connections.insert(this);
    try {
        bool again = true;
        while (again) again = co_await read_head() && co_await serve();
    } catch (const Disconnected&) {
        log(499);
    } catch (const std::exception& e) {
        log_detail_ = e.what();
        log(500);
    }
}

asio::awaitable<bool> Connection::read_head() {
    parser_ = RequestParser(limits_.header_bytes);
    fault_ = 0;
    started_ = Steady::now();
    auto deadline = started_ + (first_request_ || !input_.empty() ? limits_.header : limits_.idle);
    first_request_ = false;
    bool began = !input_.empty();
    while (true) {
        input_.consume(parser_.put(input_.data()));
        if (parser_.has_head()) co_return true;
        if ((fault_ = parser_.fault()) != 0) co_return true;
        if (!began && core_.stopping) co_return false;
        idle_ = !began;
        const Socket::Read read = co_await socket_.read_some(input_.room(), deadline);
        idle_ = false;
        if (read.bytes == 0) {
            if (!began || !read.timed_out) co_return false;
            fault_ = 408;
            co_return true;
        }
        input_.commit(read.bytes);
        if (began) continue;
        began = true;
        started_ = Steady::now();
        deadline = started_ + limits_.header;
    }
}

asio::awaitable<bool> Connection::serve() {
    request_ = parser_.take_head();
    request_.id = request_id_for(request_.header("X-Request-Id"));
    cors_.clear();
    route_ = nullptr;
    log_detail_.clear();
    sent_body_bytes_ = 0;
    logged_ = false;
    socket_.renew_patience();
    buffered_.emplace(core_.buffered_bytes);
    Response response = co_await answer();
    request_.body = {};
    parser_.body() = {};
    buffered_.reset();
    co_return co_await send(std::move(response));
}

asio::awaitable<Response> Connection::answer() {
    const ErrorStyle style = core_.entrance.style(request_);
    try {
        if (fault_ != 0) co_return error_response(style, fault_, fault_message(fault_));
        co_return co_await dispatch();
    } catch (const Error& error) {
        co_return error_response(style, error);
    } catch (const Refusal& refusal) {
        co_return error_response(style, refusal.status, refusal.message);
    }
}

asio::awaitable<Response> Connection::dispatch() {
    Verdict verdict = core_.entrance.judge(request_);
    cors_ = std::move(verdict.cors);
    if (verdict.route == nullptr) co_return std::move(verdict.refusal);
    route_ = verdict.route;
    const Route& route = *route_;
    co_await prepare_body(route);
    if (route.receive) co_return co_await receive(route);
    co_await read_body(route.max_body_bytes);
    co_return co_await call(route);
}

/// Judges the announced length, and asks for the body of a client that waits to be asked.
asio::awaitable<void> Connection::prepare_body(const Route& route) {
    const auto length = parser_.content_length();
    if (route.receive && length == 0 && !has_field(request_.headers, "Content-Length"))
        throw Refusal{411, "Send a Content-Length, or a chunked body"};
    check_body_size(route, length.value_or(0));
    if (!parser_.is_done() && input_.empty() && to_lower(request_.header("Expect")) == "100-continue")
        co_await socket_.write("HTTP/1.1 100 Continue\r\n\r\n", {});
}

asio::awaitable<void> Connection::take_body_bytes() {
    const std::size_t taken = parser_.put(input_.data());
    input_.consume(taken);
    if (parser_.fault() != 0 || (taken == 0 && input_.is_full()))
        throw Refusal{400, "The body is not framed well"};
    if (taken > 0 || parser_.is_done()) co_return;
    const Socket::Read read = co_await socket_.read_some(input_.room());
    if (read.bytes > 0) {
        input_.commit(read.bytes);
    } else {
        if (!read.timed_out) throw Disconnected{};
        throw Refusal{408, fault_message(408)};
    }
}

asio::awaitable<void> Connection::read_body(std::uint64_t max_bytes) {
    std::uint64_t counted = 0;
    while (!parser_.is_done()) {
        co_await take_body_bytes();
        const std::uint64_t size = parser_.body().size();
        if (size > max_bytes)
            throw Error(ErrorKind::too_large, fmt::format("The body has more than {} bytes", max_bytes));
        if (!buffered_->take(size - counted))
            throw Error(ErrorKind::busy, "Too many large requests at once; try again");
        counted = size;
    }
    request_.body = std::move(parser_.body());
}

asio::awaitable<Response> Connection::receive(const Route& route) {
    WorkerPool& pool = core_.pool(route.lane);
    // Whatever ends this early, the receiver's cleaning up may block: not here, on the pool.
    const auto on_the_pool = [&pool](BodyReceiver* p) {
        pool.post([p] { std::default_delete<BodyReceiver>()(p); });
    };
    std::unique_ptr<BodyReceiver, decltype(on_the_pool)> receiver(nullptr, on_the_pool);
    const auto step = [&](Admission admission, std::function<void()> work) -> asio::awaitable<void> {
        if (const auto error = co_await on_pool(pool, admission, std::move(work))) throw *error;
    };
    co_await step(Admission::bounded, [&] { receiver.reset(route.receive(request_).release()); });
    std::uint64_t received = 0;
    std::string& body = parser_.body();
    while (!parser_.is_done()) {
        co_await take_body_bytes();
        if (body.size() < piece_bytes && !parser_.is_done()) continue;
        received += body.size();
        if (received > route.max_body_bytes)
            throw Error(ErrorKind::too_large,
                        fmt::format("The body has more than {} bytes", route.max_body_bytes));
        co_await step(Admission::continued, [&] { receiver->write(body); });
        body.clear();
    }
    Response response;
    co_await step(Admission::continued, [&] { response = receiver->finish(); });
    co_return response;
}

asio::awaitable<Response> Connection::call(const Route& route) {
    if (route.lane == Lane::immediate) co_return route.handle(request_, {});
    Response response;
    begin_work();
    const auto error = co_await on_pool(core_.pool(route.lane), Admission::bounded, [&] {
        if (stop_->stop_requested()) throw Error(ErrorKind::cancelled, "Cancelled");
        response = route.handle(request_, stop_->get_token());
    });
    end_work();
    if (error) throw explain(*error);
    co_return response;
}

Error Connection::explain(const Error& error) const {
    if (error.kind() != ErrorKind::cancelled) return error;
    switch (cause_) {
        case Cause::client_gone:
            throw Disconnected{};
        case Cause::too_long:
            return Error(ErrorKind::timeout, "The work took longer than " + format_duration(limits_.request));
        case Cause::leaving:
            return Error(ErrorKind::unavailable, "The server is shutting down; try again");
        case Cause::none:
            return error;
    }
    return error;
}

void Connection::begin_work() {
    stop_.emplace();
    cause_ = Cause::none;
    work_started_ = Steady::now();
    work_deadline_ = work_started_ + limits_.request;
    working_ = true;
}

void Connection::end_work() {
    working_ = false;
}

void Connection::stop_work(Cause cause) {
    if (!working_ || cause_ != Cause::none) return;
    cause_ = cause;
    stop_->request_stop();
    timer_.cancel();
}

void Connection::tick(Socket::TimePoint now) {
    socket_.tick(now);
    if (!working_ || cause_ != Cause::none) return;
    if (now >= work_deadline_) stop_work(Cause::too_long);
    // A client that only closed its sending side gets quick answers all the same.
    if (now - work_started_ >= 2 * limits_.tick && socket_.is_peer_gone()) stop_work(Cause::client_gone);
}

void Connection::force_stop() {
    stop_work(Cause::leaving);
    socket_.interrupt();
}

}  // namespace fadeout::http
