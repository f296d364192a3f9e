#include "storage/s3/url.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "aws/service_endpoint.h"
#include "base/error.h"
#include "base/text.h"
#include "net/address.h"
#include "net/http_url.h"
#include "storage/arguments.h"
#include "storage/link.h"

namespace fadeout::storage {

namespace {

using Parameters = std::map<std::string, std::string, std::less<>>;

[[noreturn]] void refuse(const std::string& reason) {
    throw Error(ErrorKind::invalid, "The store's URL " + reason);
}

Parameters parse_parameters(std::string_view query, const std::vector<std::string>& known) {
    Parameters out;
    if (query.empty()) return out;
    for (const std::string_view pair : split(query, '&')) {
        const std::size_t equals = pair.find('=');
        const std::string name(pair.substr(0, equals));
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            const auto meant = nearest(name, known);
            refuse(fmt::format("has an unknown parameter '{}'{}", name,
                               meant ? fmt::format("; did you mean '{}'?", *meant) : std::string(".")));
        }
        if (equals == std::string_view::npos) refuse(fmt::format("gives no value for '{}'.", name));
        const auto value = percent_decode(pair.substr(equals + 1));
        if (!value) refuse(fmt::format("has a bad percent-encoding in '{}'.", name));
        if (!out.emplace(name, *value).second) refuse(fmt::format("has '{}' twice.", name));
    }
    return out;
}

std::string find(const Parameters& parameters, std::string_view name) {
    const auto found = parameters.find(name);
    return found == parameters.end() ? std::string() : found->second;
}

bool is_host_label(std::string_view text) {
    return !text.empty() &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

/// A bucket's name before an address makes no host.
bool is_at_an_address(const std::string& endpoint) {
    const auto url = net::HttpUrl::parse(endpoint);
    return url && net::parse_address(url->host());
}

bool parse_flag(const std::string& text) {
    const std::string lower = to_lower(text);
    if (lower == "1" || lower == "true" || lower == "yes") return true;
    if (lower == "0" || lower == "false" || lower == "no") return false;
    refuse("must give path_style as 1 or 0.");
}

S3Location parse_s3(const Parameters& parameters, std::string bucket, std::string_view default_region) {
    S3Location out;
    out.bucket = std::move(bucket);
    out.region = find(parameters, "region");
    if (out.region.empty()) out.region = default_region.empty() ? "us-east-1" : std::string(default_region);
    if (!is_host_label(out.region)) refuse("names a region that is none; one looks like eu-central-1.");
    out.endpoint = find(parameters, "endpoint");
    if (out.endpoint.empty()) out.endpoint = aws::service_endpoint("s3", out.region);
    const std::string path_style = find(parameters, "path_style");
    out.path_style = path_style.empty()
                         ? out.bucket.find('.') != std::string::npos || is_at_an_address(out.endpoint)
                         : parse_flag(path_style);
    return out;
}

S3Location parse_r2(const Parameters& parameters, std::string bucket) {
    const std::string account = find(parameters, "account");
    if (!is_host_label(account))
        refuse("must name the account, in small letters: r2://bucket?account=0123456789abcdef");
    return {.provider = "r2",
            .bucket = std::move(bucket),
            .region = "auto",
            .endpoint = "https://" + account + ".r2.cloudflarestorage.com",
            .path_style = true};
}

}  // namespace

bool is_s3_url(std::string_view url) {
    return url.starts_with("s3://") || url.starts_with("r2://");
}

S3Location parse_s3_url(std::string_view url, std::string_view default_region) {
    if (!is_s3_url(url)) refuse("must begin with s3:// or r2://");
    const bool r2 = url.starts_with("r2://");
    const std::string_view rest = url.substr(5);
    const std::size_t question = std::min(rest.find('?'), rest.size());
    std::string bucket(rest.substr(0, question));
    if (bucket.ends_with('/')) bucket.pop_back();
    if (bucket.starts_with('/')) refuse("has a third '/' where the bucket's name should begin.");
    if (bucket.find('/') != std::string::npos)
        refuse(
            "names a folder in the bucket, but a store is a whole bucket. Name the bucket alone, and take "
            "another bucket for what must be apart.");
    check_bucket_name(bucket);
    const std::string_view query = question == rest.size() ? std::string_view() : rest.substr(question + 1);
    const std::vector<std::string> known =
        r2 ? std::vector<std::string>{"account", "profile"}
           : std::vector<std::string>{"region", "endpoint", "path_style", "profile"};
    const Parameters parameters = parse_parameters(query, known);
    S3Location out = r2 ? parse_r2(parameters, std::move(bucket))
                        : parse_s3(parameters, std::move(bucket), default_region);
    out.profile = find(parameters, "profile");
    if (!PublicUrl::try_parse(out.endpoint))
        refuse(
            "must give the endpoint as https://host or http://host:port, without user, query and fragment.");
    return out;
}

bool is_amazon(const S3Location& location) {
    const std::string host = PublicUrl::parse(location.endpoint).host;
    return host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn");
}

}  // namespace fadeout::storage
