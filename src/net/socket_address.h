#pragma once
#include <curl/curl.h>

#include <optional>

#include "net/address.h"

namespace fadeout::net {

/// The address that libcurl is about to connect to; nothing where it is neither IPv4 nor IPv6.
std::optional<Address> address_of(const curl_sockaddr& from);

}  // namespace fadeout::net
