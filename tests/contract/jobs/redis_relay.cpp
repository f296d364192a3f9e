#include "redis_relay.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "loopback.h"

namespace fadeout::jobs {

Relay::Relay(std::uint16_t server_port) : server_port_(server_port), listener_(listen_on_free_port(port_)) {}

void Relay::accept() {
    Connection connection{Descriptor(::accept(listener_.get(), nullptr, nullptr)),
                          Descriptor(::socket(AF_INET, SOCK_STREAM, 0))};
    const sockaddr_in address = loopback(server_port_);
    if (::connect(connection.server.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
        connections_.push_back(std::move(connection));
}

void Relay::pass(Connection& connection, const Descriptor& from, const Descriptor& to,
                 const std::function<bool()>& interferes) {
    std::array<char, 1 << 16> piece;
    const ssize_t size = ::recv(from.get(), piece.data(), piece.size(), 0);
    if (size <= 0 || interferes() ||
        ::send(to.get(), piece.data(), static_cast<std::size_t>(size), MSG_NOSIGNAL) != size)
        connection.open = false;
}

bool Relay::run(pid_t client, Fault fault, int moment, int& status) {
    int pieces = 0;
    const auto interferes = [&] {
        if (pieces++ != moment) return false;
        if (fault == Fault::kill_client) ::kill(client, SIGKILL);
        return true;
    };
    while (::waitpid(client, &status, WNOHANG) == 0) {
        std::vector<pollfd> ready = {{listener_.get(), POLLIN, 0}};
        for (const Connection& connection : connections_) {
            ready.push_back({connection.client.get(), POLLIN, 0});
            ready.push_back({connection.server.get(), POLLIN, 0});
        }
        constexpr int look_after_client_ms = 5;
        ::poll(ready.data(), ready.size(), look_after_client_ms);
        std::size_t next = 1;
        for (Connection& connection : connections_) {
            if (ready[next++].revents && connection.open)
                pass(connection, connection.client, connection.server, interferes);
            if (ready[next++].revents && connection.open)
                pass(connection, connection.server, connection.client, interferes);
        }
        connections_.remove_if([](const Connection& connection) { return !connection.open; });
        if (ready[0].revents) accept();
    }
    connections_.clear();
    return pieces > moment;
}

}  // namespace fadeout::jobs
