#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "storage/link.h"
#include "storage/s3/url.h"

// Which object of a bucket a URL leads to, whoever made the URL and in whatever style.
namespace fadeout::storage::s3 {

/// The URLs below which the keys of a bucket lie: path style and virtual-host style of its endpoint (Ceph,
/// R2, any service), and `further` ones.
std::vector<PublicUrl> endpoints(const S3Location& location, const std::vector<PublicUrl>& further);

/// For a bucket of Amazon S3, whose name is nobody else's: the key in a URL of any of Amazon's host names
/// (s3, s3.REGION, s3-REGION, dualstack, FIPS, accelerated; path or virtual-host style; http or https).
/// Nothing for other services, other buckets, websites and access points. Source: Amazon S3 User Guide,
/// "Virtual hosting of general purpose buckets"; AWS General Reference, "Amazon Simple Storage Service
/// endpoints and quotas".
std::optional<Key> amazon_key(const S3Location& location, std::string_view url);

}  // namespace fadeout::storage::s3
