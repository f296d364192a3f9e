#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace fadeout::storage {

enum class PairKind { mirror, failover };

/// Which two stores make up one.
struct PairUrl {
    PairKind kind = PairKind::mirror;
    std::string first, second;  ///< URLs of plain stores
};

/// "mirror:URL,URL" and "failover:URL,URL"; nothing for another URL. The comma is the one before the second
/// URL's scheme, so that paths and query values may hold commas and be written plainly. Error(invalid) where
/// it does not join exactly two plain stores.
std::optional<PairUrl> parse_pair_url(std::string_view url);

}  // namespace fadeout::storage
