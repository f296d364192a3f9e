#include "storage/s3/url_key.h"

#include <algorithm>

#include "base/text.h"

namespace fadeout::storage::s3 {

namespace {

/// "eu-central-1", "us-gov-west-1": two letters, words, a number.
bool is_region(std::string_view text) {
    const auto parts = split(text, '-');
    const auto only = [](std::string_view part, char low, char high) {
        return !part.empty() && std::ranges::all_of(part, [&](char c) { return c >= low && c <= high; });
    };
    return parts.size() >= 3 && parts.front().size() == 2 && only(parts.back(), '0', '9') &&
           std::all_of(parts.begin(), parts.end() - 1,
                       [&](std::string_view part) { return only(part, 'a', 'z'); });
}

/// `text` without `prefix`, or nothing where it does not begin so.
std::optional<std::string_view> after(std::string_view text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return std::nullopt;
    return text.substr(prefix.size());
}

/// What stands before ".amazonaws.com" where no bucket does.
bool is_service(std::string_view name) {
    for (const std::string_view whole :
         {"s3", "s3-fips", "s3-external-1", "s3-accelerate", "s3-accelerate.dualstack"})
        if (name == whole) return true;
    for (const std::string_view start :
         {"s3.dualstack.", "s3-fips.dualstack.", "s3-fips.", "s3-fips-", "s3.", "s3-"})
        if (const auto region = after(name, start); region && is_region(*region)) return true;
    return false;
}

/// The part of a host before Amazon's domain; nothing for other domains.
std::optional<std::string_view> amazon_name(std::string_view host) {
    for (const std::string_view domain : {".amazonaws.com", ".amazonaws.com.cn"})
        if (host.ends_with(domain)) return host.substr(0, host.size() - domain.size());
    return std::nullopt;
}

std::optional<PublicUrl> server_of(std::string_view url) {
    const std::size_t scheme_end = url.find("://");
    if (scheme_end == std::string_view::npos) return std::nullopt;
    return PublicUrl::try_parse(url.substr(0, url.find_first_of("/?#", scheme_end + 3)));
}

}  // namespace

std::vector<PublicUrl> endpoints(const S3Location& location, const std::vector<PublicUrl>& further) {
    const PublicUrl service = PublicUrl::parse(location.endpoint);
    PublicUrl in_path = service, in_host = service;
    in_path.path += "/" + location.bucket;
    in_host.host = location.bucket + "." + service.host;
    in_host.origin = service.origin.substr(0, service.origin.find("://") + 3) + in_host.host;
    std::vector<PublicUrl> all{std::move(in_path), std::move(in_host)};
    all.insert(all.end(), further.begin(), further.end());
    return all;
}

std::optional<Key> amazon_key(const S3Location& location, std::string_view url) {
    if (!amazon_name(PublicUrl::parse(location.endpoint).host)) return std::nullopt;
    auto base = server_of(url);
    const auto name = base ? amazon_name(base->host) : std::nullopt;
    if (!name) return std::nullopt;
    if (is_service(*name)) {
        base->path = "/" + location.bucket;
        return key_below(*base, url);
    }
    const auto service = after(*name, location.bucket + ".");
    return service && is_service(*service) ? key_below(*base, url) : std::nullopt;
}

}  // namespace fadeout::storage::s3
