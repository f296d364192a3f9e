#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace fadeout::aws {

struct Credentials {
    std::string access_key_id;
    std::string secret_access_key;
    std::string session_token;  ///< empty for long-lived keys
};

using NameValues = std::vector<std::pair<std::string, std::string>>;

/// A request as Signature Version 4 sees it. Values are raw (not percent-encoded) except `path`.
struct CanonicalRequest {
    std::string method;  ///< upper case
    std::string path;    ///< percent-encoded once, as it stands in the request line; S3 does not normalise it
    NameValues query;    ///< raw names and values, any order, without X-Amz-Signature
    NameValues headers;  ///< those to be signed, `host` among them; any case, any order
    std::string payload_hash;  ///< hex SHA-256 of the body, or "UNSIGNED-PAYLOAD"
};

/// Hex SHA-256.
std::string sha256_hex(std::string_view data);
/// The 32 bytes of HMAC-SHA256 (RFC 2104).
std::string hmac_sha256(std::string_view key, std::string_view data);

/// The hex signature of AWS Signature Version 4.
/// Source: AWS General Reference, "Create a signed AWS API request".
std::string signature(const CanonicalRequest& request, const Credentials& credentials, Time when,
                      std::string_view region, std::string_view service);

/// The value of the Authorization header. `request.headers` must hold x-amz-date already.
std::string authorization(const CanonicalRequest& request, const Credentials& credentials, Time when,
                          std::string_view region, std::string_view service);

/// Everything a signed link needs besides its method and path.
struct LinkScope {
    std::string host;  ///< as it stands in the Host header: "name" or "name:port"
    std::string region;
    std::string service = "s3";
};

/// The query string ("X-Amz-Algorithm=...&X-Amz-Signature=...") that authorises `method` on `path` (encoded)
/// for `expires` from the whole second of `when`. `extra` are further query parameters
/// (response-content-disposition), `headers` further signed headers (content-type). expires: whole seconds, 1
/// s to 7 days; Error(invalid) otherwise. Source: Amazon S3 API Reference, "Authenticating Requests: Using
/// Query Parameters".
std::string presign(std::string_view method, std::string_view path, Duration expires, const LinkScope& scope,
                    const Credentials& credentials, Time when, const NameValues& extra = {},
                    const NameValues& headers = {});

/// Why a link is refused; the words of S3's error codes. not_yet_valid: signed more than 15 minutes ahead of
/// `now`, which is the difference of clocks that S3 allows.
enum class LinkFault { malformed, wrong_key, not_yet_valid, expired, signature };

struct LinkCheck {
    std::optional<LinkFault> fault;  ///< nothing: the link is good
    NameValues extra;                ///< its further query parameters, decoded
    NameValues
        required_headers;  ///< signed headers other than host, with the values that came with the request
};

/// Checks a link made by presign(): every parameter exactly once and spelled as presign() spells it, none
/// unknown except `response-*` (signed like all others), the scope's own region and service, the expiry (a
/// link is good while now < signing time + expires), then the signature in constant time. `headers` are the
/// request's; a signed header missing there is a fault. HEAD is allowed on a link made for GET.
LinkCheck check_link(std::string_view method, std::string_view path, std::string_view query,
                     const NameValues& headers, const LinkScope& scope, const Credentials& credentials,
                     Time now);

}  // namespace fadeout::aws
