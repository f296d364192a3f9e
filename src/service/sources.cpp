#include "service/sources.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/pause.h"
#include "base/text.h"
#include "service/digest.h"

namespace fadeout::service {

namespace {

struct UrlParts {
    std::string_view base;   // before '?'
    std::string_view query;  // after it
};

UrlParts split_query(std::string_view url) {
    url = url.substr(0, url.find('#'));
    const std::size_t mark = url.find('?');
    if (mark == std::string_view::npos) return {url, {}};
    return {url.substr(0, mark), url.substr(mark + 1)};
}

std::string parameter_name(std::string_view pair) {
    return to_lower(pair.substr(0, pair.find('=')));
}

/// A way to sign links: where `mark` is among the parameters, those in `names` and those beginning with
/// `prefix` belong to the signature.
struct SigningScheme {
    std::string_view mark;
    std::string_view prefix;  // empty: none
    std::span<const std::string_view> names;
};

constexpr std::array<std::string_view, 7> query_names{"signature",           "expires", "awsaccesskeyid",
                                                      "googleaccessid",      "policy",  "key-pair-id",
                                                      "x-amz-security-token"};
constexpr std::array<std::string_view, 16> azure_names{"sig", "se",  "st",  "sp",  "spr",   "sv",
                                                       "sr",  "ss",  "srt", "sip", "skoid", "sktid",
                                                       "skt", "ske", "sks", "skv"};
constexpr std::array<SigningScheme, 4> signing_schemes{{{"x-amz-signature", "x-amz-", {}},
                                                        {"x-goog-signature", "x-goog-", {}},
                                                        {"signature", {}, query_names},
                                                        {"sig", {}, azure_names}}};

bool belongs_to(const SigningScheme& scheme, const std::string& name) {
    if (!scheme.prefix.empty()) return name.starts_with(scheme.prefix);
    return std::find(scheme.names.begin(), scheme.names.end(), name) != scheme.names.end();
}

/// The last part of a path, for people: decoded where that is clean text.
std::string display_name(std::string_view path) {
    const std::string_view segment = path.substr(path.rfind('/') + 1);
    const auto decoded = percent_decode(segment);
    std::string name = decoded && is_utf8(*decoded) ? *decoded : std::string(segment);
    std::erase_if(name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    return name.empty() ? "source" : std::string(first_characters(name, 100));
}

}  // namespace

bool has_scheme(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0) return false;
    const std::string scheme = to_lower(text.substr(0, colon));
    return std::all_of(scheme.begin(), scheme.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
    });
}

std::string content_digest(ByteSource& source, const std::stop_token& stop) {
    Sha256 digest;
    std::vector<std::byte> buffer(256 << 10);
    std::uint64_t done = 0;
    while (const std::size_t n = source.read_at(done, buffer)) {
        require_going_on(stop, "reading of the source");
        digest.update(Bytes(buffer).first(n));
        done += n;
    }
    return digest.hex();
}

std::string without_signature(std::string_view url) {
    const auto [base, query] = split_query(url);
    const std::vector<std::string_view> pairs = split(query, '&');
    std::vector<std::string> names;
    for (const std::string_view pair : pairs) names.push_back(parameter_name(pair));
    const auto is_signature = [&](const std::string& name) {
        return std::any_of(signing_schemes.begin(), signing_schemes.end(), [&](const SigningScheme& scheme) {
            return belongs_to(scheme, name) &&
                   std::find(names.begin(), names.end(), scheme.mark) != names.end();
        });
    };
    std::string out(base);
    char separator = '?';
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        if (pairs[i].empty() || is_signature(names[i])) continue;
        out += separator;
        out += pairs[i];
        separator = '&';
    }
    return out;
}

Sources::Sources(storage::ObjectStore& objects, const Clock& clock, aws::Credentials link_credentials,
                 std::string public_url, net::AddressPolicy policy, net::SourceLimits limits,
                 std::string region)
    : objects_(objects),
      clock_(clock),
      link_credentials_(std::move(link_credentials)),
      public_url_(storage::PublicUrl::parse(public_url)),
      resigned_links_(public_url, link_credentials_, clock),
      policy_(std::move(policy)),
      limits_(limits),
      region_(std::move(region)) {}

OpenSource Sources::open(const std::string& file_url, std::stop_token stop) const {
    if (!has_scheme(file_url)) return open_key(file_url);
    if (!is_web_url(file_url))
        throw Error(
            ErrorKind::invalid,
            "file_url must be an http:// or https:// URL, a link of this server, or a key of its store.");
    const auto [base, query] = split_query(file_url);
    if (const auto url = storage::PublicUrl::try_parse(base); url && url->origin == public_url_.origin) {
        if (const auto object = storage::parse_object_path(public_url_, url->path))
            return open_own_link(*object, query);
        if (const auto key = resigned_links_.key_of(*url)) return open_key(key->str());
    }
    if (const auto key = objects_.key_in(file_url)) return open_key(key->str());
    return open_url(file_url, std::move(stop));
}

OpenSource Sources::open_key(std::string_view text) const {
    const auto key = storage::Key::parse(text);
    auto reader = objects_.open(key);
    if (!reader)
        throw Error(ErrorKind::not_found,
                    "There is no object " + key.str() + ". Upload it, or check its name.");
    storage::ObjectHead head = reader->head();
    std::string identity = "key:" + key.str() + ":" + head.info.etag;
    const Time modified = head.info.modified;
    return {.bytes = std::move(reader),
            .identity = std::move(identity),
            .modified = modified,
            .name = display_name(key.name()),
            .object = std::move(head)};
}

OpenSource Sources::open_own_link(const storage::ObjectPath& object, std::string_view query) const {
    const auto checked = aws::check_link("GET", object.signed_path, query, {},
                                         {public_url_.host, region_, "s3"}, link_credentials_, clock_.now());
    if (checked.fault || object.bucket != objects_.bucket())
        throw Error(ErrorKind::denied,
                    "This link of the server was changed or has expired. Ask for a new one.");
    return open_key(object.key);
}

OpenSource Sources::open_url(const std::string& url, std::stop_token stop) const {
    auto source = net::open_url(url, policy_, limits_, std::move(stop));
    std::string identity = "url:" + without_signature(url) + ":" + source->version();
    const bool has_version = !source->version().empty();
    return {.bytes = std::move(source),
            .identity = std::move(identity),
            .has_version = has_version,
            .modified = std::nullopt,
            .name = display_name(split_query(url).base),
            .object = std::nullopt};
}

}  // namespace fadeout::service
