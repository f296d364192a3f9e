#pragma once
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "aws/sigv4.h"
#include "base/byte_stream.h"
#include "base/clock.h"
#include "net/source.h"
#include "service/resigned_links.h"
#include "storage/link.h"
#include "storage/object_store.h"

namespace fadeout::service {

/// A source that a request named, opened.
struct OpenSource {
    std::unique_ptr<ByteSource> bytes;
    /// What identifies the content, part of the final key: "key:{key}:{etag}" or "url:{url}:{version}", where
    /// the URL is without its signature and the version is the server's ETag or Last-Modified.
    std::string identity;
    /// False where the server sends neither: then other content may have the same identity, and only its
    /// digest tells (content_digest()).
    bool has_version = true;
    std::optional<Time> modified;               ///< where the store or server tells it
    std::string name;                           ///< last segment of the path, for logs and messages
    std::optional<storage::ObjectHead> object;  ///< where it is an object of the store
};

/// Opens what `file_url` names: a key of the store ("pitches/7/song.wav"), one of fadeout's own signed links
/// (checked and read directly), a URL of the store's own bucket at its service (read through the store, as
/// the key would be), or an http(s) URL that the address policy allows.
class Sources {
  public:
    Sources(storage::ObjectStore& objects, const Clock& clock, aws::Credentials link_credentials,
            std::string public_url, net::AddressPolicy policy, net::SourceLimits limits,
            std::string region = "us-east-1");

    /// `stop` ends opening and reading from elsewhere: Error(cancelled). Errors: invalid (neither a key nor
    /// an http(s) URL), denied (an own link that is changed, expired or of another bucket; an address that
    /// the policy refuses), not_found (no such object), and those of net::open_url.
    OpenSource open(const std::string& file_url, std::stop_token stop) const;

  private:
    OpenSource open_key(std::string_view key) const;
    OpenSource open_own_link(const storage::ObjectPath& object, std::string_view query) const;
    OpenSource open_url(const std::string& url, std::stop_token stop) const;

    storage::ObjectStore& objects_;
    const Clock& clock_;
    aws::Credentials link_credentials_;
    storage::PublicUrl public_url_;
    ResignedLinks resigned_links_;
    net::AddressPolicy policy_;
    net::SourceLimits limits_;
    std::string region_;
};

/// Does `text` begin as a URL does, with a scheme (RFC 3986, 3.1)? A source that does is no key of the store.
bool has_scheme(std::string_view text);

/// SHA-256 of all the bytes of `source`, in hex; reads them once. Error(cancelled) on stop, and what reading
/// throws.
std::string content_digest(ByteSource& source, const std::stop_token& stop);

/// `url` without its fragment and without the parameters by which S3, Google, CloudFront and Azure sign a
/// link, so that two links to one object are one source. Only whole sets that these services use together are
/// taken off: a lone "token" or "id" may be all that tells two objects apart.
std::string without_signature(std::string_view url);

}  // namespace fadeout::service
