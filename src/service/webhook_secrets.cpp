#include "service/webhook_secrets.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "net/http_url.h"

namespace fadeout::service {

namespace {

bool has_dot_segment(std::string_view path) {
    const std::vector<std::string_view> segments = split(path, '/');
    return std::ranges::any_of(segments, [](std::string_view segment) {
        const std::string decoded = percent_decode(segment).value_or("..");
        return decoded == "." || decoded == "..";
    });
}

bool is_below(std::string_view path, std::string_view prefix) {
    return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

}  // namespace

WebhookSecrets::WebhookSecrets(const std::vector<std::pair<std::string, std::string>>& keys_by_prefix) {
    for (const auto& [prefix, key] : keys_by_prefix) {
        const auto url = net::HttpUrl::parse(prefix);
        if (!url || prefix.find_first_of("?#@") != std::string::npos || has_dot_segment(url->path()))
            throw Error(ErrorKind::invalid,
                        fmt::format("'{}' is no beginning of a webhook's URL; write it as "
                                    "https://app.example.com/hooks",
                                    mask_url(prefix)));
        std::string path = url->path();
        while (path.ends_with('/')) path.pop_back();
        const std::string origin = url->origin();
        const auto known = std::ranges::find_if(endpoints_, [&](const Endpoint& endpoint) {
            return endpoint.origin == origin && endpoint.path == path;
        });
        if (known != endpoints_.end())
            known->keys.push_back(key);
        else
            endpoints_.push_back({origin, path, {key}});
    }
    std::ranges::stable_sort(endpoints_, std::greater(), [](const Endpoint& e) { return e.path.size(); });
}

void WebhookSecrets::require(const std::string& url) const {
    const auto parsed = net::HttpUrl::parse(url);
    if (!parsed || url.substr(0, url.find_first_of("/?#", url.find("//") + 2)).find('@') != std::string::npos)
        throw Error(ErrorKind::invalid,
                    "webhook must be an http:// or https:// URL without user and password");
    if (has_dot_segment(parsed->path()))
        throw Error(ErrorKind::invalid, "webhook must not have '.' or '..' in its path");
    if (keys_for(url).empty())
        throw Error(
            ErrorKind::invalid,
            fmt::format("There is no secret for the webhook's endpoint. Add a line \"{} whsec_...\" to "
                        "the file that webhooks.secret_file names, and start the server again.",
                        parsed->origin()));
}

std::vector<std::string> WebhookSecrets::keys_for(const std::string& url) const {
    const auto parsed = net::HttpUrl::parse(url);
    if (!parsed || has_dot_segment(parsed->path())) return {};
    const std::string origin = parsed->origin(), path = parsed->path();
    for (const Endpoint& endpoint : endpoints_)
        if (endpoint.origin == origin && is_below(path, endpoint.path)) return endpoint.keys;
    return {};
}

}  // namespace fadeout::service
