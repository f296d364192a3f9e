#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fadeout::service {

/// What an object store costs, in US dollars. A GB is 2^30 bytes, as Amazon bills it.
struct Prices {
    double storage_gb_month = 0;  ///< to keep a GB for a month
    double write_1000 = 0;        ///< 1,000 requests that write or list: PUT, POST, LIST; R2's class A
    double read_1000 = 0;         ///< 1,000 requests that read: GET, HEAD; R2's class B
    double transfer_gb = 0;       ///< to send a GB out of the provider's network
    std::string source;           ///< where the figures are from and of when
};

/// The list prices of Amazon ("s3") or Cloudflare ("r2"; for others none), with what `changes` say instead:
/// "storage_gb_month=0.021". Nothing where neither gives any. Error(invalid) for a change of no known name,
/// or whose number is none.
std::optional<Prices> prices_of(std::string_view seller, const std::vector<std::string>& changes);

}  // namespace fadeout::service
