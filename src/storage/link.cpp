#include "storage/link.h"

#include <algorithm>

#include "base/text.h"

namespace fadeout::storage {

namespace {

constexpr std::string_view objects_folder = "/objects/";

std::string_view default_port(std::string_view scheme) {
    return scheme == "https" ? ":443" : ":80";
}

/// No white space, control characters, quotes: what may not stand in a URL without encoding.
bool is_plain_url_text(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return c > 0x20 && c < 0x7f && std::string_view("\"<>\\^`{|}").find(c) == std::string_view::npos;
    });
}

/// Printable ASCII without what would end a quoted string or be decoded once more by a browser.
std::string ascii_filename(std::string_view filename) {
    std::string out;
    for (const char c : filename) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xc0) == 0x80) continue;  // one '_' per code point
        out += byte < 0x20 || byte >= 0x7f || c == '"' || c == '\\' || c == '%' || c == '/' ? '_' : c;
    }
    return out;
}

}  // namespace

std::optional<PublicUrl> PublicUrl::try_parse(std::string_view url) {
    const std::size_t colon = url.find("://");
    if (colon == std::string_view::npos || !is_plain_url_text(url)) return std::nullopt;
    const std::string scheme = to_lower(url.substr(0, colon));
    if (scheme != "http" && scheme != "https") return std::nullopt;
    std::string_view rest = url.substr(colon + 3);
    if (rest.find_first_of("?#@") != std::string_view::npos) return std::nullopt;
    const std::size_t slash = std::min(rest.find('/'), rest.size());

    PublicUrl out;
    out.host = to_lower(rest.substr(0, slash));
    if (out.host.ends_with(default_port(scheme)))
        out.host.resize(out.host.size() - default_port(scheme).size());
    if (out.host.empty() || out.host.front() == ':' || out.host.back() == ':') return std::nullopt;
    out.origin = scheme + "://" + out.host;
    out.path = rest.substr(slash);
    while (out.path.ends_with('/')) out.path.pop_back();
    return out;
}

PublicUrl PublicUrl::parse(std::string_view url) {
    if (auto parsed = try_parse(url)) return std::move(*parsed);
    throw Error(
        ErrorKind::invalid,
        "The public URL must look like https://audio.example.org or http://host:port/path, without user, "
        "query and fragment.");
}

LinkRequest link_request(const PublicUrl& base, std::string_view bucket, LinkMethod method, const Key& key,
                         const LinkOptions& options) {
    LinkRequest out;
    out.path = base.path + std::string(objects_folder) + percent_encode(bucket) + "/" +
               percent_encode(key.str(), /*keep_slash=*/true);
    if (method == LinkMethod::put) {
        out.method = "PUT";
        if (!options.content_type.empty()) out.headers.emplace_back("content-type", options.content_type);
    } else {
        out.method = "GET";  // which answers HEAD, too
        if (!options.download_filename.empty())
            out.query.emplace_back("response-content-disposition",
                                   content_disposition(options.download_filename));
    }
    return out;
}

std::optional<ObjectPath> parse_object_path(const PublicUrl& base, std::string_view path) {
    if (!base.path.empty() && path.starts_with(base.path + std::string(objects_folder)))
        path.remove_prefix(base.path.size());
    if (!path.starts_with(objects_folder)) return std::nullopt;
    const std::string_view rest = path.substr(objects_folder.size());
    const std::size_t slash = rest.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    auto bucket = percent_decode(rest.substr(0, slash));
    auto key = percent_decode(rest.substr(slash + 1));
    if (!bucket || !key) return std::nullopt;
    return ObjectPath{base.path + std::string(path), std::move(*bucket), std::move(*key)};
}

std::optional<Key> key_below(const PublicUrl& base, std::string_view url) {
    url = url.substr(0, url.find_first_of("?#"));
    const std::size_t scheme_end = url.find("://");
    if (scheme_end == std::string_view::npos) return std::nullopt;
    const std::size_t slash = std::min(url.find('/', scheme_end + 3), url.size());
    const auto server = PublicUrl::try_parse(url.substr(0, slash));
    std::string_view path = url.substr(slash);
    if (!server || server->origin != base.origin || !path.starts_with(base.path)) return std::nullopt;
    path.remove_prefix(base.path.size());
    if (!path.starts_with('/')) return std::nullopt;
    const auto key = percent_decode(path.substr(1));
    if (!key || key_fault(*key)) return std::nullopt;
    return Key::parse(*key);
}

std::optional<Key> key_below(const std::vector<PublicUrl>& bases, std::string_view url) {
    for (const PublicUrl& base : bases)
        if (auto key = key_below(base, url)) return key;
    return std::nullopt;
}

PublicUrl served_bucket(const PublicUrl& base, std::string_view bucket) {
    PublicUrl out = base;
    out.path += std::string(objects_folder) + percent_encode(bucket);
    return out;
}

std::string content_disposition(std::string_view filename) {
    return "attachment; filename=\"" + ascii_filename(filename) + "\"; filename*=UTF-8''" +
           percent_encode(filename);
}

}  // namespace fadeout::storage
