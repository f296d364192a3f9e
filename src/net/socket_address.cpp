#include "net/socket_address.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

namespace fadeout::net {

std::optional<Address> address_of(const curl_sockaddr& from) {
    Address address{};
    if (from.family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &from.addr, std::min<std::size_t>(sizeof v6, from.addrlen));
        std::memcpy(address.data(), &v6.sin6_addr, 16);
        return address;
    }
    if (from.family != AF_INET) return std::nullopt;
    sockaddr_in v4{};
    std::memcpy(&v4, &from.addr, std::min<std::size_t>(sizeof v4, from.addrlen));
    address[10] = address[11] = 0xff;
    std::memcpy(address.data() + 12, &v4.sin_addr, 4);
    return address;
}

}  // namespace fadeout::net
