#pragma once
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/text.h"

namespace fadeout::net {

struct TestRequest {
    std::string method;
    std::string target;
    std::map<std::string, std::string> headers;  ///< lower-case names
    std::string body;                            ///< as long as its Content-Length says

    std::string header(const std::string& name) const {
        return headers.contains(name) ? headers.at(name) : "";
    }
};

/// What goes over the wire, byte for byte; the header lines need not be true.
struct TestAnswer {
    std::string status = "200 OK";
    std::vector<std::string> headers;
    std::string body;
    bool then_silent = false;  ///< keep the connection open and say nothing more, until the client leaves
};

/// An HTTP server on 127.0.0.1: one thread, one connection at a time, one request on each.
class TestServer {
  public:
    using Handler = std::function<TestAnswer(const TestRequest&)>;

    explicit TestServer(Handler handler) : handler_(std::move(handler)) {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        auto* plain = reinterpret_cast<sockaddr*>(&address);
        if (::bind(listener_, plain, length) != 0 || ::listen(listener_, 16) != 0 ||
            ::getsockname(listener_, plain, &length) != 0 || ::pipe2(stop_, O_CLOEXEC) != 0)
            throw std::runtime_error("no test server");
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
    }

    ~TestServer() {
        ::close(stop_[1]);  // ends every wait
        thread_.join();
        ::close(stop_[0]);
        ::close(listener_);
    }

    std::string url(const std::string& target = "/") const { return "http://127.0.0.1:" + port() + target; }
    std::string port() const { return std::to_string(port_); }

    std::vector<TestRequest> requests() const {
        const std::lock_guard lock(mutex_);
        return requests_;
    }

  private:
    /// False once the server is to stop.
    bool wait(int fd, short events) const {
        pollfd fds[] = {{fd, events, 0}, {stop_[0], POLLIN, 0}};
        return ::poll(fds, 2, -1) > 0 && fds[1].revents == 0;
    }

    void serve() {
        while (wait(listener_, POLLIN)) {
            const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
            if (connection < 0) continue;
            converse(connection);
            ::close(connection);
        }
    }

    /// Appends what arrives; false once nothing more will.
    bool receive(int connection, std::string& received) const {
        char buffer[16'384];
        if (!wait(connection, POLLIN)) return false;
        const ssize_t n = ::recv(connection, buffer, sizeof buffer, 0);
        if (n > 0) received.append(buffer, static_cast<std::size_t>(n));
        return n > 0;
    }

    void converse(int connection) {
        std::string received;
        std::size_t end = 0;
        while ((end = received.find("\r\n\r\n")) == std::string::npos)
            if (!receive(connection, received)) return;
        TestRequest request = parse(received.substr(0, end));
        const std::string length = request.header("content-length");
        const std::size_t body_begin = end + 4, body_size = length.empty() ? 0 : std::stoul(length);
        while (received.size() < body_begin + body_size)
            if (!receive(connection, received)) return;
        request.body = received.substr(body_begin, body_size);
        const TestAnswer answer = handler_(request);
        {
            const std::lock_guard lock(mutex_);
            requests_.push_back(request);
        }
        std::string bytes = "HTTP/1.1 " + answer.status + "\r\nConnection: close\r\n";
        for (const std::string& line : answer.headers) bytes += line + "\r\n";
        if (!send(connection, bytes + "\r\n" + answer.body) || !answer.then_silent) return;
        while (receive(connection, received)) received.clear();
    }

    bool send(int connection, std::string_view bytes) const {
        while (!bytes.empty()) {
            if (!wait(connection, POLLOUT)) return false;
            const ssize_t n = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (n <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(n));
        }
        return true;
    }

    static TestRequest parse(const std::string& text) {
        TestRequest request;
        const auto lines = split(text, '\n');
        request.method = split(lines.front(), ' ').at(0);
        request.target = split(lines.front(), ' ').at(1);
        for (const std::string_view line : lines)
            if (const std::size_t colon = line.find(':'); colon != std::string_view::npos)
                request.headers[to_lower(line.substr(0, colon))] = trim(line.substr(colon + 1));
        return request;
    }

    Handler handler_;
    int listener_ = -1;
    int stop_[2] = {-1, -1};
    int port_ = 0;
    mutable std::mutex mutex_;
    std::vector<TestRequest> requests_;
    std::thread thread_;
};

/// All of `body`, with its length.
inline TestAnswer whole(const std::string& body, std::vector<std::string> headers = {}) {
    headers.push_back("Content-Length: " + std::to_string(body.size()));
    return {"200 OK", std::move(headers), body};
}

/// As a file server answers: ranges "bytes=N-", If-Range, an ETag.
inline TestAnswer ranged(const TestRequest& request, const std::string& body,
                         const std::string& etag = "\"v1\"") {
    const std::string range = request.header("range");
    const std::string condition = request.header("if-range");
    if (!range.starts_with("bytes=") || (!condition.empty() && condition != etag))
        return whole(body, {"ETag: " + etag, "Accept-Ranges: bytes"});
    const std::size_t first = std::stoul(range.substr(6));
    const std::string total = std::to_string(body.size());
    if (first >= body.size()) return {"416 Range Not Satisfiable", {"Content-Range: bytes */" + total}, ""};
    return {"206 Partial Content",
            {"ETag: " + etag, "Content-Length: " + std::to_string(body.size() - first),
             "Content-Range: bytes " + std::to_string(first) + "-" + std::to_string(body.size() - 1) + "/" +
                 total},
            body.substr(first)};
}

}  // namespace fadeout::net
