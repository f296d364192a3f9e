#pragma once
#include <arpa/inet.h>
#include <sys/socket.h>

#include <cstdint>
#include <stdexcept>

#include "base/file.h"

namespace fadeout::jobs {

inline sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

/// A socket on a free port of the loopback address, not listening yet.
inline Descriptor bind_free_port(std::uint16_t& port) {
    Descriptor socket(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    if (::bind(socket.get(), raw, size) != 0 || ::getsockname(socket.get(), raw, &size) != 0)
        throw std::runtime_error("no free port");
    port = ntohs(address.sin_port);
    return socket;
}

inline Descriptor listen_on_free_port(std::uint16_t& port) {
    Descriptor socket = bind_free_port(port);
    if (::listen(socket.get(), 16) != 0) throw std::runtime_error("cannot listen");
    return socket;
}

}  // namespace fadeout::jobs
