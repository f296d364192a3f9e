#include "net/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <initializer_list>

#include "base/error.h"
#include "base/text.h"

namespace fadeout::net {

namespace {

struct Block {
    Address network;
    int prefix_bits;  ///< of 128
};

constexpr Block ipv4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d, int prefix_bits) {
    return {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d}, 96 + prefix_bits};
}

/// The leading 16-bit groups; the rest is zero.
constexpr Block ipv6(std::initializer_list<std::uint16_t> groups, int prefix_bits) {
    Block block{{}, prefix_bits};
    std::size_t i = 0;
    for (const std::uint16_t group : groups) {
        block.network[i++] = static_cast<std::uint8_t>(group >> 8);
        block.network[i++] = static_cast<std::uint8_t>(group & 0xff);
    }
    return block;
}

bool contains(const Address& network, int prefix_bits, const Address& address) noexcept {
    const auto whole = static_cast<std::size_t>(prefix_bits / 8);
    if (!std::equal(network.begin(), network.begin() + static_cast<std::ptrdiff_t>(whole), address.begin()))
        return false;
    const int rest = prefix_bits % 8;
    return rest == 0 || ((network[whole] ^ address[whole]) >> (8 - rest)) == 0;
}

bool in(const Block& block, const Address& address) noexcept {
    return contains(block.network, block.prefix_bits, address);
}

// The registries, as of 2025: https://www.iana.org/assignments/iana-ipv4-special-registry and
// .../iana-ipv6-special-registry. Where a whole block is refused although single addresses in it are
// reachable (192.0.0.9, 2001:1::1, ...), those are services of the local network (PCP, TURN), never a web
// server.
constexpr Block not_public_ipv4[] = {
    ipv4(0, 0, 0, 0, 8),        // this network
    ipv4(10, 0, 0, 0, 8),       // private use
    ipv4(100, 64, 0, 0, 10),    // shared address space (carrier-grade NAT)
    ipv4(127, 0, 0, 0, 8),      // loopback
    ipv4(169, 254, 0, 0, 16),   // link local; 169.254.169.254 is the metadata service of clouds
    ipv4(172, 16, 0, 0, 12),    // private use
    ipv4(192, 0, 0, 0, 24),     // IETF protocol assignments
    ipv4(192, 0, 2, 0, 24),     // documentation
    ipv4(192, 88, 99, 0, 24),   // 6to4 relays, deprecated
    ipv4(192, 168, 0, 0, 16),   // private use
    ipv4(198, 18, 0, 0, 15),    // benchmarking
    ipv4(198, 51, 100, 0, 24),  // documentation
    ipv4(203, 0, 113, 0, 24),   // documentation
    ipv4(224, 0, 0, 0, 4),      // multicast
    ipv4(240, 0, 0, 0, 4),      // reserved, and broadcast
};

/// Of IPv6 only global unicast is public at all: what lies outside (loopback, IPv4-compatible, unique local
/// with fd00:ec2::254, link local, multicast, 64:ff9b:1::/48, 100::/64, 5f00::/16) needs no entry of its own.
constexpr Block global_unicast = ipv6({0x2000}, 3);
constexpr Block not_public_ipv6[] = {
    ipv6({0x2001}, 23),          // IETF protocol assignments
    ipv6({0x2001, 0x0db8}, 32),  // documentation
    ipv6({0x3fff}, 20),          // documentation
};

// Blocks whose addresses lead to an IPv4 address inside them: that one decides.
constexpr Block ipv4_mapped = ipv4(0, 0, 0, 0, 0);
constexpr Block nat64 = ipv6({0x0064, 0xff9b}, 96);   // RFC 6052
constexpr Block six_to_four = ipv6({0x2002}, 16);     // RFC 3056
constexpr Block teredo = ipv6({0x2001, 0x0000}, 32);  // RFC 4380

bool is_public_ipv4(const Address& mapped) noexcept {
    return std::none_of(std::begin(not_public_ipv4), std::end(not_public_ipv4),
                        [&](const Block& block) { return in(block, mapped); });
}

/// The IPv4 address at byte `at`, every bit of it flipped by `mask`.
bool embedded_is_public(const Address& address, std::size_t at, std::uint8_t mask = 0) noexcept {
    Address mapped = ipv4_mapped.network;
    for (std::size_t i = 0; i < 4; ++i) mapped[12 + i] = static_cast<std::uint8_t>(address[at + i] ^ mask);
    return is_public_ipv4(mapped);
}

/// ISATAP (RFC 5214): the interface identifier is 0000:5efe or 0200:5efe, then an IPv4 address.
bool is_isatap(const Address& address) noexcept {
    return (address[8] & 0xfd) == 0 && address[9] == 0 && address[10] == 0x5e && address[11] == 0xfe;
}

Error bad_entry(const std::string& entry) {
    return {ErrorKind::invalid, "\"" + entry +
                                    "\" is neither a host name, an address nor a CIDR range. Write for "
                                    "example media.example.com, 10.1.2.3 or 10.0.0.0/8, without a port."};
}

bool is_host_name(std::string_view text) {
    if (text.empty() || text.size() > 253) return false;
    const auto labels = split(text, '.');
    for (const std::string_view label : labels) {
        const bool plain = std::all_of(label.begin(), label.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        });
        if (label.empty() || label.size() > 63 || !plain) return false;
    }
    // A last label of digits makes it an address, and a mistyped one if it comes here.
    return labels.back().find_first_not_of("0123456789") != std::string_view::npos;
}

std::string plain_host(std::string_view host) {
    if (host.ends_with('.')) host.remove_suffix(1);
    return to_lower(host);
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
    const std::string terminated(text);
    if (terminated.find('\0') != std::string::npos) return std::nullopt;
    Address address{};
    if (::inet_pton(AF_INET6, terminated.c_str(), address.data()) == 1) return address;
    address = ipv4_mapped.network;
    if (::inet_pton(AF_INET, terminated.c_str(), address.data() + 12) == 1) return address;
    return std::nullopt;
}

bool is_public(const Address& address) noexcept {
    if (in(ipv4_mapped, address)) return is_public_ipv4(address);
    if (in(nat64, address)) return embedded_is_public(address, 12);
    if (!in(global_unicast, address)) return false;
    if (is_isatap(address) && !embedded_is_public(address, 12)) return false;
    if (in(six_to_four, address)) return embedded_is_public(address, 2);
    if (in(teredo, address)) return embedded_is_public(address, 4) && embedded_is_public(address, 12, 0xff);
    return std::none_of(std::begin(not_public_ipv6), std::end(not_public_ipv6),
                        [&](const Block& block) { return in(block, address); });
}

AddressPolicy::AddressPolicy(const std::vector<std::string>& allowed) {
    for (const std::string& entry : allowed) {
        const std::string_view text = trim(entry);
        const std::size_t slash = text.find('/');
        if (const auto address = parse_address(text.substr(0, slash))) {
            const int width =
                in(ipv4_mapped, *address) && text.find(':') == std::string_view::npos ? 32 : 128;
            int bits = width;
            if (slash != std::string_view::npos) {
                const std::string_view digits = text.substr(slash + 1);
                const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
                if (error != std::errc() || end != digits.data() + digits.size() || bits < 0 || bits > width)
                    throw bad_entry(entry);
            }
            ranges_.push_back({*address, 128 - width + bits});
        } else if (is_host_name(plain_host(text))) {
            hosts_.push_back(plain_host(text));
        } else {
            throw bad_entry(entry);
        }
    }
}

bool AddressPolicy::allows(std::string_view host, const Address& address) const {
    if (is_public(address)) return true;
    if (std::find(hosts_.begin(), hosts_.end(), plain_host(host)) != hosts_.end()) return true;
    return std::any_of(ranges_.begin(), ranges_.end(), [&](const Range& range) {
        return contains(range.network, range.prefix_bits, address);
    });
}

}  // namespace fadeout::net
