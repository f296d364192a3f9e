#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <span>

#include "base/clock.h"
#include "http/connection.h"
#include "http/response_head.h"
#include "http/status.h"

namespace fadeout::http {

namespace {

using Steady = std::chrono::steady_clock;

/// What is left of a refused body up to this size is read, so that the connection can be used again.
constexpr std::uint64_t drain_bytes = 64 << 10;
/// Objects without a file are read and sent in pieces of this size.
constexpr std::uint64_t read_piece_bytes = 256 << 10;

std::optional<Error> attempt(const std::function<void()>& work) {
    try {
        work();
    } catch (const Error& error) {
        return error;
    } catch (const std::exception& e) {
        return unexpected(e);
    }
    return std::nullopt;
}

}  // namespace

asio::awaitable<std::optional<Error>> Connection::on_pool(WorkerPool& pool, Admission admission,
                                                          std::function<void()> work) {
    std::optional<Error> error;
    const auto start = [&](auto handler) {
        // Shared only because a Task must be copyable; it is moved from hand to hand.
        auto resume = std::make_shared<decltype(handler)>(std::move(handler));
        const auto executor = socket_.executor();
        auto task = [&work, &error, executor, resume]() mutable {
            error = attempt(work);
            asio::post(executor, [resume = std::move(resume)]() mutable { std::move (*resume)(); });
        };
        if (admission == Admission::continued) return pool.post(std::move(task));
        if (pool.try_post(std::move(task))) return;
        error = Error(ErrorKind::busy, "The server is busy; try again");
        asio::post(executor, [resume = std::move(resume)]() mutable { std::move (*resume)(); });
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(start, asio::use_awaitable);
    co_return error;
}

bool Connection::can_drain() const {
    const auto length = parser_.content_length();
    return parser_.is_done() || (length && *length <= drain_bytes);
}

asio::awaitable<bool> Connection::send(Response response) {
    Budget::Share stream(core_.event_streams);
    if (response.events && !stream.take(1))
        response = error_response(core_.entrance.style(request_), 429,
                                  "Too many jobs are followed at once; try again");
    log_detail_ = std::move(response.log_detail);

    const bool understood = fault_ == 0 && parser_.fault() == 0;
    const bool keep_alive = understood && parser_.keeps_alive() && can_drain() && !core_.stopping;
    const bool chunked = response.events != nullptr;
    const bool again = keep_alive && (!chunked || request_.http_minor > 0);
    const std::string head = format_head(response, {.request_id = request_.id,
                                                    .cors = cors_,
                                                    .http_minor = request_.http_minor,
                                                    .keep_alive = again,
                                                    .chunked = chunked,
                                                    .now = SystemClock().now()});
    socket_.renew_patience();
    const bool head_only = request_.method == "HEAD";
    if (response.object && response.object->size_bytes > 0 && !head_only) {
        co_await socket_.write(head, {}, true);
        co_await send_object(*response.object);
    } else if (response.events && !head_only) {
        co_await socket_.write(head, {});
        co_await send_events(*response.events);
    } else {
        co_await socket_.write(head, head_only ? std::string_view() : std::string_view(response.body));
        if (!head_only) sent_body_bytes_ = response.body.size();
    }
    log(response.status);
    if (again)
        co_await drain();
    else if (!parser_.is_done() || !input_.empty())
        co_await linger();
    co_return again;
}

asio::awaitable<void> Connection::send_object(const ObjectBody& object) {
    const int file = object.reader->file_descriptor();
    if (file >= 0) {
        co_await socket_.send_file(file, object.offset, object.size_bytes);
        sent_body_bytes_ = object.size_bytes;
        co_return;
    }
    std::string piece;
    while (sent_body_bytes_ < object.size_bytes) {
        piece.resize(std::min(read_piece_bytes, object.size_bytes - sent_body_bytes_));
        const auto error = co_await on_pool(core_.pool(Lane::fast), Admission::continued, [&] {
            const auto bytes = std::as_writable_bytes(std::span(piece));
            piece.resize(object.reader->read_at(object.offset + sent_body_bytes_, bytes));
        });
        if (error) log_detail_ = error->detail();
        if (error || piece.empty())
            throw Disconnected{};  // the head promised more: only breaking off is honest
        co_await socket_.write(piece, {});
        sent_body_bytes_ += piece.size();
    }
}

asio::awaitable<void> Connection::send_event_text(std::string_view text) {
    sent_body_bytes_ += text.size();
    if (request_.http_minor == 0) {
        co_await socket_.write(text, {});
        co_return;
    }
    const std::string chunk = fmt::format("{:x}\r\n{}\r\n", text.size(), text);
    co_await socket_.write(chunk, {});
}

asio::awaitable<void> Connection::send_events(EventSource& events) {
    begin_work();
    work_deadline_ = Socket::TimePoint::max();
    auto last_sent = Steady::now();
    while (cause_ == Cause::none && !core_.stopping) {
        Events news;
        const auto error =
            co_await on_pool(core_.pool(Lane::fast), Admission::continued, [&] { news = events.poll(); });
        if (error) news = {.text = ": " + std::string(error->what()) + "\n\n", .last = true};
        if (news.text.empty() && Steady::now() - last_sent >= limits_.event_heartbeat)
            news.text = ": still here\n\n";
        if (!news.text.empty()) {
            co_await send_event_text(news.text);
            last_sent = Steady::now();
        }
        if (news.last) break;
        timer_.expires_after(limits_.event_interval);
        co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    end_work();
    if (cause_ == Cause::client_gone) throw Disconnected{};
    if (request_.http_minor > 0) co_await socket_.write("0\r\n\r\n", {});
}

asio::awaitable<void> Connection::drain() {
    try {
        while (!parser_.is_done()) {
            co_await take_body_bytes();
            parser_.body().clear();
        }
    } catch (const Refusal&) {
        throw Disconnected{};  // answered already
    }
}

/// Closes in a way that lets a client which is still sending read the answer: closing with unread bytes would
/// reset the connection and drop what it has not read yet (RFC 9112 section 9.6).
asio::awaitable<void> Connection::linger() {
    socket_.shutdown_send();
    const auto deadline = Steady::now() + limits_.linger;
    while (true) {
        input_.consume(input_.data().size());
        const Socket::Read read = co_await socket_.read_some(input_.room(), deadline);
        if (read.bytes == 0) co_return;
        input_.commit(read.bytes);
    }
}

void Connection::begin_stop() {
    if (idle_) socket_.interrupt();
    timer_.cancel();
}

void Connection::log(int status) {
    if (logged_) return;
    logged_ = true;
    core_.record({.time = SystemClock().now(),
                  .client = client_,
                  .method = request_.method,
                  .target = request_.target,
                  .route = route_ != nullptr ? route_->pattern : "",
                  .status = status,
                  .bytes = sent_body_bytes_,
                  .took = std::chrono::duration_cast<std::chrono::microseconds>(Steady::now() - started_),
                  .request_id = request_.id,
                  .detail = log_detail_});
}

}  // namespace fadeout::http
