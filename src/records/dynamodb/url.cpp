#include "records/dynamodb/url.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/url/parse.hpp>
#include <optional>

#include "aws/service_endpoint.h"
#include "base/error.h"
#include "base/text.h"

namespace fadeout::records::dynamodb {

namespace {

constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view small_letters = letters.substr(26);
constexpr std::string_view digits = "0123456789";

[[noreturn]] void refuse(std::string_view what) {
    throw Error(
        ErrorKind::invalid,
        fmt::format("The records' URL {}. Write it as dynamodb://TABLE?region=NAME, and for a server other "
                    "than AWS add &endpoint=http://HOST:PORT.",
                    what));
}

bool consists_of(std::string_view text, std::initializer_list<std::string_view> sets) {
    return std::ranges::all_of(text, [&](char c) {
        return std::ranges::any_of(sets, [&](std::string_view set) { return set.find(c) != set.npos; });
    });
}

/// Source: Amazon DynamoDB Developer Guide, "Naming rules".
bool is_table_name(std::string_view name) {
    return name.size() >= 3 && name.size() <= 255 && consists_of(name, {letters, digits, "_-."});
}

bool is_region(std::string_view name) {
    return !name.empty() && name.size() <= 63 && consists_of(name, {small_letters, digits, "-"});
}

std::string normalized_endpoint(const std::string& text) {
    const auto url = boost::urls::parse_uri(text);
    if (!url || url->has_userinfo() || url->has_query() || url->has_fragment() || url->host().empty() ||
        (!url->path().empty() && url->path() != "/"))
        refuse("has an endpoint that is not http://HOST:PORT or https://HOST");
    const std::string scheme = to_lower(url->scheme());
    if (scheme != "http" && scheme != "https") refuse("has an endpoint that is neither http nor https");
    std::string endpoint = scheme + "://" + to_lower(url->encoded_host());
    const std::string_view default_port = scheme == "http" ? "80" : "443";
    if (url->has_port() && !url->port().empty() && url->port() != default_port) {
        if (url->port_number() == 0) refuse("has an endpoint without a usable port");
        endpoint += fmt::format(":{}", url->port_number());
    }
    return endpoint;
}

struct Parameters {
    std::optional<std::string> region, endpoint;
};

/// The values may be written plainly: only '&', '#' and '%' need an escape.
Parameters parse_query(std::string_view query) {
    Parameters parameters;
    for (const std::string_view pair : split(query, '&')) {
        const std::string_view name = pair.substr(0, pair.find('='));
        std::optional<std::string>* slot = name == "region"     ? &parameters.region
                                           : name == "endpoint" ? &parameters.endpoint
                                                                : nullptr;
        if (slot == nullptr) {
            const auto meant = nearest(name, {"region", "endpoint"});
            refuse(fmt::format("has the unknown parameter '{}'{}", name,
                               meant ? fmt::format(", perhaps for '{}'", *meant) : ""));
        }
        if (*slot) refuse(fmt::format("names {} twice", name));
        *slot = percent_decode(pair.substr(std::min(name.size() + 1, pair.size())));
        if (!*slot) refuse(fmt::format("has a wrong '%' in {}", name));
    }
    return parameters;
}

}  // namespace

TableAddress parse_url(std::string_view url, std::string_view default_region) {
    constexpr std::string_view scheme = "dynamodb://";
    if (!url.starts_with(scheme)) refuse("is not one of dynamodb://");
    url.remove_prefix(scheme.size());
    const std::size_t question = url.find('?');
    std::string_view table = url.substr(0, question);
    if (table.ends_with('/')) table.remove_suffix(1);
    if (!is_table_name(table)) refuse("needs a table name of 3 to 255 letters, digits, '_', '-' and '.'");

    Parameters parameters;
    if (question != url.npos) parameters = parse_query(url.substr(question + 1));
    TableAddress address{std::string(table), parameters.region.value_or(std::string(default_region)), {}};
    if (!is_region(address.region)) refuse("needs a region such as eu-west-1, in small letters");
    address.endpoint = parameters.endpoint ? normalized_endpoint(*parameters.endpoint)
                                           : aws::service_endpoint("dynamodb", address.region);
    return address;
}

}  // namespace fadeout::records::dynamodb
