#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace fadeout::jobs::redis {

/// Where a Redis server is and how to log in.
struct Address {
    std::string host;  ///< name or address, without brackets
    std::uint16_t port = 6379;
    std::string user;      ///< empty: the server's default user
    std::string password;  ///< empty: no login
    int database = 0;
    bool operator==(const Address&) const = default;
};

/// "redis://[[user]:password@]host[:port][/database]", the form of redis-cli and redis-py. User and password
/// are percent-decoded; everything up to the last '@' belongs to them, so that a password may hold '/', '?'
/// or '@' as it is. An IPv6 address stands in brackets. Error(invalid) says what is wrong and never repeats
/// the URL.
Address parse_url(std::string_view url);

/// "host:port/database", without user and password: for logs.
std::string describe(const Address& address);

}  // namespace fadeout::jobs::redis
