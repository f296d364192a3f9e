#include "storage/pair/url.h"

#include <array>

#include "base/error.h"

namespace fadeout::storage {

namespace {

constexpr std::array<std::string_view, 3> plain_schemes{"file://", "s3://", "r2://"};

bool is_plain(std::string_view url) {
    for (const std::string_view scheme : plain_schemes)
        if (url.starts_with(scheme)) return true;
    return false;
}

PairUrl parse_two(PairKind kind, std::string_view urls) {
    std::optional<PairUrl> found;
    for (std::size_t comma = urls.find(','); comma != std::string_view::npos;
         comma = urls.find(',', comma + 1)) {
        if (!is_plain(urls.substr(comma + 1))) continue;
        if (found)
            found->second.clear();  // three stores, or more
        else
            found = {kind, std::string(urls.substr(0, comma)), std::string(urls.substr(comma + 1))};
    }
    if (!found || found->second.empty() || !is_plain(found->first))
        throw Error(ErrorKind::invalid,
                    "A mirror or failover store joins two stores, with a comma between their URLs: "
                    "mirror:file:///dir,s3://bucket or failover:s3://bucket,r2://bucket?account=ID. Each is "
                    "file://, s3:// or r2://, in small letters.");
    return *found;
}

}  // namespace

std::optional<PairUrl> parse_pair_url(std::string_view url) {
    for (const auto& [prefix, kind] : {std::pair(std::string_view("mirror:"), PairKind::mirror),
                                       std::pair(std::string_view("failover:"), PairKind::failover)})
        if (url.starts_with(prefix)) return parse_two(kind, url.substr(prefix.size()));
    return std::nullopt;
}

}  // namespace fadeout::storage
