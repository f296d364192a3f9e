#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fadeout::net {

/// An IPv6 address, or an IPv4 one in its mapped form, in network byte order.
using Address = std::array<std::uint8_t, 16>;

std::optional<Address> parse_address(std::string_view text);

/// False for everything that the IANA special-purpose registries call not globally reachable, also where it
/// is embedded in an IPv4-mapped, IPv4-compatible, NAT64, 6to4, Teredo or ISATAP address; false for
/// multicast.
bool is_public(const Address& address) noexcept;

/// Which hosts may be connected to: public ones, and those on the allow list.
class AddressPolicy {
  public:
    /// Entries are host names (exact, case does not matter), addresses, or CIDR ranges. Error(invalid) names
    /// a bad one.
    explicit AddressPolicy(const std::vector<std::string>& allowed = {});
    bool allows(std::string_view host, const Address& address) const;

  private:
    struct Range {
        Address network;
        int prefix_bits;
    };
    std::vector<std::string> hosts_;
    std::vector<Range> ranges_;
};

}  // namespace fadeout::net
