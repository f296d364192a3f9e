#include "aws/sigv4.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>

#include "base/error.h"
#include "base/text.h"

namespace fadeout::aws {

namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view unsigned_payload = "UNSIGNED-PAYLOAD";
constexpr std::chrono::seconds longest_link = std::chrono::days(7);
/// How far the clock that signed may be ahead of the one that checks; S3 allows as much.
constexpr Duration allowed_skew = std::chrono::minutes(15);

using Digest = std::array<unsigned char, 32>;

Digest sha256(std::string_view data) {
    Digest out{};
    if (EVP_Digest(data.data(), data.size(), out.data(), nullptr, EVP_sha256(), nullptr) != 1)
        throw Error(ErrorKind::internal, "The SHA-256 digest could not be computed.");
    return out;
}

Digest hmac(std::span<const unsigned char> key, std::string_view data) {
    Digest out{};
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
             reinterpret_cast<const unsigned char*>(data.data()), data.size(), out.data(),
             nullptr) == nullptr)
        throw Error(ErrorKind::internal, "The HMAC could not be computed.");
    return out;
}

/// The key is good for a whole day, so each thread remembers its last one: that halves the work of a
/// signature.
Digest signing_key(const std::string& secret, std::string_view date, std::string_view region,
                   std::string_view service) {
    struct Derived {
        std::string secret, scope;
        Digest key{};
    };
    thread_local Derived last;
    std::string scope = fmt::format("{}/{}/{}", date, region, service);
    if (last.scope == scope && last.secret == secret) return last.key;
    const std::string start = "AWS4" + secret;
    const Digest day = hmac({reinterpret_cast<const unsigned char*>(start.data()), start.size()}, date);
    last = {secret, std::move(scope), hmac(hmac(hmac(day, region), service), "aws4_request")};
    return last.key;
}

/// "20130524/us-east-1/s3/aws4_request"
std::string credential_scope(std::string_view timestamp, std::string_view region, std::string_view service) {
    return fmt::format("{}/{}/{}/aws4_request", timestamp.substr(0, 8), region, service);
}

/// Names and values percent-encoded, sorted by name, then by value; both by their encoded bytes.
std::string canonical_query(const NameValues& query) {
    NameValues encoded;
    encoded.reserve(query.size());
    for (const auto& [name, value] : query) encoded.emplace_back(percent_encode(name), percent_encode(value));
    std::sort(encoded.begin(), encoded.end());
    std::string out;
    for (const auto& [name, value] : encoded) {
        if (!out.empty()) out += '&';
        out += name;
        out += '=';
        out += value;
    }
    return out;
}

/// White space at the ends removed, runs of it inside become one space.
std::string canonical_value(std::string_view value) {
    std::string out;
    for (const char c : trim(value)) {
        const bool space = c == ' ' || c == '\t';
        if (!space)
            out += c;
        else if (out.back() != ' ')
            out += ' ';
    }
    return out;
}

/// Lower-case names in order; the values of a repeated name are joined with commas in the order they came.
std::map<std::string, std::string> canonical_headers(const NameValues& headers) {
    std::map<std::string, std::string> out;
    for (const auto& [name, value] : headers) {
        const auto [at, added] = out.try_emplace(to_lower(trim(name)), canonical_value(value));
        if (!added) at->second += "," + canonical_value(value);
    }
    return out;
}

std::string signed_header_names(const NameValues& headers) {
    std::string out;
    for (const auto& [name, value] : canonical_headers(headers)) {
        if (!out.empty()) out += ';';
        out += name;
    }
    return out;
}

std::string canonical_request(const CanonicalRequest& request) {
    std::string out =
        fmt::format("{}\n{}\n{}\n", request.method, request.path, canonical_query(request.query));
    for (const auto& [name, value] : canonical_headers(request.headers))
        out += fmt::format("{}:{}\n", name, value);
    return out + fmt::format("\n{}\n{}", signed_header_names(request.headers), request.payload_hash);
}

}  // namespace

std::string hmac_sha256(std::string_view key, std::string_view data) {
    const Digest digest = hmac({reinterpret_cast<const unsigned char*>(key.data()), key.size()}, data);
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string sha256_hex(std::string_view data) {
    return to_hex(sha256(data));
}

std::string signature(const CanonicalRequest& request, const Credentials& credentials, Time when,
                      std::string_view region, std::string_view service) {
    const std::string timestamp = utc_basic_timestamp(when);
    const std::string to_sign =
        fmt::format("{}\n{}\n{}\n{}", algorithm, timestamp, credential_scope(timestamp, region, service),
                    sha256_hex(canonical_request(request)));
    const std::string_view date = std::string_view(timestamp).substr(0, 8);
    return to_hex(hmac(signing_key(credentials.secret_access_key, date, region, service), to_sign));
}

std::string authorization(const CanonicalRequest& request, const Credentials& credentials, Time when,
                          std::string_view region, std::string_view service) {
    return fmt::format(
        "{} Credential={}/{}, SignedHeaders={}, Signature={}", algorithm, credentials.access_key_id,
        credential_scope(utc_basic_timestamp(when), region, service), signed_header_names(request.headers),
        signature(request, credentials, when, region, service));
}

std::string presign(std::string_view method, std::string_view path, Duration expires, const LinkScope& scope,
                    const Credentials& credentials, Time when, const NameValues& extra,
                    const NameValues& headers) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(expires);
    if (seconds != expires || seconds < std::chrono::seconds(1) || seconds > longest_link)
        throw Error(ErrorKind::invalid, "A link expires after 1 second to 7 days, in whole seconds.");
    const std::string timestamp = utc_basic_timestamp(when);
    CanonicalRequest request{std::string(method), std::string(path), extra, headers,
                             std::string(unsigned_payload)};
    request.headers.emplace_back("host", scope.host);
    request.query.emplace_back("X-Amz-Algorithm", algorithm);
    request.query.emplace_back(
        "X-Amz-Credential",
        credentials.access_key_id + "/" + credential_scope(timestamp, scope.region, scope.service));
    request.query.emplace_back("X-Amz-Date", timestamp);
    request.query.emplace_back("X-Amz-Expires", std::to_string(seconds.count()));
    request.query.emplace_back("X-Amz-SignedHeaders", signed_header_names(request.headers));
    if (!credentials.session_token.empty())
        request.query.emplace_back("X-Amz-Security-Token", credentials.session_token);
    return canonical_query(request.query) +
           "&X-Amz-Signature=" + signature(request, credentials, when, scope.region, scope.service);
}

namespace {

/// The query of a signed link, taken apart.
struct Link {
    std::map<std::string, std::string> amz;  ///< X-Amz-*, decoded
    NameValues extra;                        ///< response-*, decoded
};

/// Nothing where a parameter is doubled, unknown, or not spelled exactly as presign() spells it: re-encoding
/// would hide a changed character ("%2f" for "%2F").
std::optional<Link> parse_link(std::string_view query) {
    static const std::set<std::string, std::less<>> known{
        "X-Amz-Algorithm", "X-Amz-Credential",    "X-Amz-Date",          "X-Amz-Expires",
        "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Security-Token"};
    Link link;
    std::set<std::string> seen;
    for (const std::string_view pair : split(query, '&')) {
        const std::size_t equals = pair.find('=');
        if (equals == std::string_view::npos) return std::nullopt;
        const auto name = percent_decode(pair.substr(0, equals));
        const auto value = percent_decode(pair.substr(equals + 1));
        if (!name || !value || percent_encode(*name) + "=" + percent_encode(*value) != pair)
            return std::nullopt;
        if (!seen.insert(*name).second) return std::nullopt;
        if (known.contains(*name))
            link.amz.emplace(*name, *value);
        else if (name->starts_with("response-"))
            link.extra.emplace_back(*name, *value);
        else
            return std::nullopt;
    }
    const std::size_t required = link.amz.contains("X-Amz-Security-Token") ? known.size() : known.size() - 1;
    if (link.amz.size() != required) return std::nullopt;
    return link;
}

std::optional<long long> parse_number(std::string_view text) {
    long long value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// The inverse of utc_basic_timestamp().
std::optional<Time> parse_timestamp(std::string_view text) {
    if (text.size() != 16) return std::nullopt;
    const auto year = parse_number(text.substr(0, 4)), month = parse_number(text.substr(4, 2)),
               day = parse_number(text.substr(6, 2)), hour = parse_number(text.substr(9, 2)),
               minute = parse_number(text.substr(11, 2)), second = parse_number(text.substr(13, 2));
    if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
    const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(*year)),
                                           std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day)));
    if (!date.ok()) return std::nullopt;
    const Time time = std::chrono::sys_days(date) + std::chrono::hours(*hour) +
                      std::chrono::minutes(*minute) + std::chrono::seconds(*second);
    if (utc_basic_timestamp(time) != text) return std::nullopt;
    return time;
}

/// The headers that `names` ("content-type;host") says were signed, with the values that came; nothing where
/// one is missing. The host is the one that links are made for, whatever arrived: a proxy in front may
/// rewrite it.
std::optional<NameValues> signed_headers(std::string_view names, const NameValues& headers,
                                         const std::string& host) {
    const auto came = canonical_headers(headers);
    NameValues out;
    for (const std::string_view name : split(names, ';')) {
        if (name == "host") continue;
        const auto at = came.find(std::string(name));
        if (at == came.end()) return std::nullopt;
        out.emplace_back(*at);
    }
    out.emplace_back("host", host);
    if (signed_header_names(out) != names) return std::nullopt;
    return out;
}

std::optional<LinkFault> check_credential(const Link& link, const LinkScope& scope,
                                          const Credentials& credentials) {
    const std::string& credential = link.amz.at("X-Amz-Credential");
    const std::size_t slash = credential.find('/');
    if (slash == std::string::npos) return LinkFault::malformed;
    if (credential.substr(0, slash) != credentials.access_key_id) return LinkFault::wrong_key;
    if (credential.substr(slash + 1) !=
        credential_scope(link.amz.at("X-Amz-Date"), scope.region, scope.service))
        return LinkFault::malformed;
    const auto token = link.amz.find("X-Amz-Security-Token");
    const std::string_view given = token == link.amz.end() ? std::string_view() : token->second;
    if (!equal_constant_time(given, credentials.session_token)) return LinkFault::wrong_key;
    return std::nullopt;
}

std::optional<LinkFault> check_validity(Time signed_at, const std::string& expires, Time now) {
    const auto seconds = parse_number(expires);
    if (!seconds || *seconds < 1 || *seconds > longest_link.count()) return LinkFault::malformed;
    if (signed_at > now + allowed_skew) return LinkFault::not_yet_valid;
    if (now >= signed_at + std::chrono::seconds(*seconds)) return LinkFault::expired;
    return std::nullopt;
}

}  // namespace

LinkCheck check_link(std::string_view method, std::string_view path, std::string_view query,
                     const NameValues& headers, const LinkScope& scope, const Credentials& credentials,
                     Time now) {
    const auto refused = [](LinkFault fault) { return LinkCheck{fault, {}, {}}; };
    const auto link = parse_link(query);
    if (!link || link->amz.at("X-Amz-Algorithm") != algorithm) return refused(LinkFault::malformed);
    const auto signed_at = parse_timestamp(link->amz.at("X-Amz-Date"));
    if (!signed_at) return refused(LinkFault::malformed);
    if (const auto fault = check_credential(*link, scope, credentials)) return refused(*fault);
    if (const auto fault = check_validity(*signed_at, link->amz.at("X-Amz-Expires"), now))
        return refused(*fault);
    const auto signed_values = signed_headers(link->amz.at("X-Amz-SignedHeaders"), headers, scope.host);
    if (!signed_values) return refused(LinkFault::signature);

    CanonicalRequest request{std::string(method), std::string(path), link->extra, *signed_values,
                             std::string(unsigned_payload)};
    for (const auto& parameter : link->amz)
        if (parameter.first != "X-Amz-Signature") request.query.emplace_back(parameter);
    const auto signed_for = [&](std::string_view allowed) {
        request.method = allowed;
        return equal_constant_time(signature(request, credentials, *signed_at, scope.region, scope.service),
                                   link->amz.at("X-Amz-Signature"));
    };
    if (!signed_for(method) && !(method == "HEAD" && signed_for("GET"))) return refused(LinkFault::signature);
    LinkCheck good{std::nullopt, link->extra, *signed_values};
    std::erase_if(good.required_headers, [](const auto& header) { return header.first == "host"; });
    return good;
}

}  // namespace fadeout::aws
