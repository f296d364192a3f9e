#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/object_store.h"

// What the links of a store that fadeout itself serves look like:
// {public_url}/objects/{bucket}/{key}?X-Amz-... . Signing and checking is aws/sigv4.h.
namespace fadeout::storage {

/// The URL under which clients reach the server, taken apart. Links are made for it, whatever Host a request
/// had.
struct PublicUrl {
    std::string origin;  ///< "https://audio.example.org:8443": lower case, a default port left out
    std::string host;    ///< "audio.example.org:8443": what the Host header of a link's request says
    std::string path;    ///< "" or "/below/a/proxy", percent-encoded, without '/' at its end

    /// Error(invalid) unless http:// or https:// with a host and without user, query and fragment.
    static PublicUrl parse(std::string_view url);
    static std::optional<PublicUrl> try_parse(std::string_view url);
};

/// A link's request before it is signed: the arguments of aws::presign.
struct LinkRequest {
    std::string method;                                      ///< "GET" or "PUT"
    std::string path;                                        ///< percent-encoded, with the public URL's path
    std::vector<std::pair<std::string, std::string>> query;  ///< response-content-disposition
    std::vector<std::pair<std::string, std::string>> headers;  ///< content-type
};

LinkRequest link_request(const PublicUrl& base, std::string_view bucket, LinkMethod method, const Key& key,
                         const LinkOptions& options);

/// What a link's path names.
struct ObjectPath {
    std::string signed_path;  ///< the path that was signed: with the public URL's path
    std::string bucket;       ///< decoded
    std::string key;          ///< decoded, not yet checked
};

/// Takes apart "/objects/{bucket}/{key}", with the public URL's own path before it or without (a proxy may
/// have taken it off). Nothing where `path` is none or is badly encoded.
std::optional<ObjectPath> parse_object_path(const PublicUrl& base, std::string_view path);

/// The key that `url` names below `base` ("{base}/{key}?..."), query and fragment left aside,
/// percent-encoding undone. Nothing where it is not below `base`, or where what is left is no key.
std::optional<Key> key_below(const PublicUrl& base, std::string_view url);
/// The same below whichever of `bases` fits first.
std::optional<Key> key_below(const std::vector<PublicUrl>& bases, std::string_view url);

/// Makes a link to GET or HEAD an object that leads through fadeout, which asks the store for one of its own
/// when it is followed: for where a link made now would not live as long as it has to.
using OtherLink = std::function<std::string(const Key& key, Duration expires, const LinkOptions& options)>;

/// The URL below which the server itself serves a bucket's objects: {public_url}/objects/{bucket}.
PublicUrl served_bucket(const PublicUrl& base, std::string_view bucket);

/// "attachment; filename=\"song.mp3\"; filename*=UTF-8''song.mp3" for any valid UTF-8 `filename`: safe as a
/// header value. Source: RFC 6266 and RFC 8187.
std::string content_disposition(std::string_view filename);

}  // namespace fadeout::storage
