#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <string_view>

#include "base/text.h"
#include "http/message.h"

namespace fadeout::http {

struct Answer {
    int status = 0;  ///< 0: the server closed the connection instead
    Fields headers;
    std::string body;
    std::string header(std::string_view name) const { return std::string(field(headers, name)); }
};

/// For tests: one connection to a server on this machine, in raw bytes. Waits at most 20 s for anything.
class Client {
  public:
    explicit Client(std::uint16_t port, int receive_buffer_bytes = 0)
        : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        const timeval patience{.tv_sec = 20, .tv_usec = 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        if (receive_buffer_bytes > 0)
            ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
            throw std::runtime_error("cannot connect");
    }
    ~Client() { close(); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void close() {
        if (socket_ >= 0) ::close(socket_);
        socket_ = -1;
    }

    /// False where the server has closed the connection.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (n <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(n));
        }
        return true;
    }

    void request(std::string_view method, std::string_view target, std::string_view body = {},
                 const Fields& more = {}) {
        std::string head =
            std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: media.test\r\n";
        for (const auto& [name, value] : more) head += name + ": " + value + "\r\n";
        if (!body.empty()) head += "Content-Length: " + std::to_string(body.size()) + "\r\n";
        send(head + "\r\n" + std::string(body));
    }

    Answer ask(std::string_view method, std::string_view target, std::string_view body = {},
               const Fields& more = {}) {
        request(method, target, body, more);
        return read(method);
    }

    Answer read(std::string_view method = "GET") {
        Answer answer;
        const std::string status_line = read_line();
        if (!status_line.starts_with("HTTP/1.1 ")) return answer;
        answer.status = std::stoi(status_line.substr(9));
        for (std::string line = read_line(); !line.empty(); line = read_line()) {
            const std::size_t colon = line.find(": ");
            answer.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
        }
        if (method == "HEAD" || answer.status == 100 || answer.status == 204 || answer.status == 304)
            return answer;
        if (answer.header("Transfer-Encoding") == "chunked")
            while (true) {
                const std::string chunk = read_chunk();
                if (chunk.empty()) break;
                answer.body += chunk;
            }
        else
            answer.body = take(std::stoul(answer.header("Content-Length")));
        return answer;
    }

    /// The next chunk of a chunked body; "" for the last one.
    std::string read_chunk() {
        const std::string chunk = take(std::stoul(read_line(), nullptr, 16));
        read_line();
        return chunk;
    }

    /// Without its end; "" at the end of the connection.
    std::string read_line() {
        std::size_t end = buffer_.find("\r\n");
        while (end == std::string::npos && fill()) end = buffer_.find("\r\n");
        if (end == std::string::npos) return {};
        std::string line = buffer_.substr(0, end);
        buffer_.erase(0, end + 2);
        return line;
    }

    bool is_closed_by_server() { return buffer_.empty() && !fill(); }

    /// Waits until the connection is torn down, without reading what came before.
    bool wait_for_reset() {
        pollfd state{.fd = socket_, .events = POLLRDHUP, .revents = 0};
        return ::poll(&state, 1, 20'000) > 0 && (state.revents & (POLLERR | POLLHUP)) != 0;
    }

  private:
    bool fill() {
        char bytes[64 << 10];
        const ssize_t n = ::recv(socket_, bytes, sizeof bytes, 0);
        if (n > 0) buffer_.append(bytes, static_cast<std::size_t>(n));
        return n > 0;
    }

    /// Fewer only where the connection ends.
    std::string take(std::size_t bytes) {
        while (buffer_.size() < bytes && fill()) {
        }
        std::string taken = buffer_.substr(0, bytes);
        buffer_.erase(0, bytes);
        return taken;
    }

    int socket_;
    std::string buffer_;
};

}  // namespace fadeout::http
