// Any text as an address or as an entry of --source-allow: no crash, what was parsed reads back as the same
// address, and what is allowed without an entry is public.
#include <arpa/inet.h>

#include <algorithm>
#include <cstdlib>

#include "base/error.h"
#include "net/address.h"

using namespace fadeout;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    if (const auto address = net::parse_address(text)) {
        char spelled[INET6_ADDRSTRLEN];
        require(::inet_ntop(AF_INET6, address->data(), spelled, sizeof spelled) != nullptr);
        require(net::parse_address(spelled) == address);
        require(net::AddressPolicy().allows("host", *address) == net::is_public(*address));
        require(net::AddressPolicy({text}).allows("host", *address));
    }
    if (size >= 16) {
        net::Address address;
        std::copy_n(data, 16, address.begin());
        require(net::AddressPolicy().allows(text, address) == net::is_public(address));
    }
    try {
        const net::AddressPolicy policy({text});
        require(policy.allows("host", *net::parse_address("8.8.8.8")));
    } catch (const Error& error) {
        require(error.kind() == ErrorKind::invalid);
    }
    return 0;
}
