#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "aws/sigv4.h"
#include "base/clock.h"
#include "storage/link.h"
#include "storage/object_store.h"

namespace fadeout::service {

/// Links that outlive the credentials of the store they lead to, or their object's stay in the second store
/// of a failover: {public_url}/l/{token}. Who follows one is sent on to a link that the store signs then. The
/// token says which object, until when and under which file name, and carries the HMAC-SHA256 of that: nobody
/// without the signing key makes or changes one, and every node that has the key takes it. Thread-safe.
class ResignedLinks {
  public:
    ResignedLinks(const std::string& public_url, const aws::Credentials& signing_key, const Clock& clock);

    /// expires: 1 s to 7 days, as of any link; otherwise Error(invalid).
    std::string make(const storage::Key& key, Duration expires, const storage::LinkOptions& options) const;

    /// A link of `store` for `method` (get or head) that lives for the rest of the token's time, or as long
    /// as the store's credentials. Error(denied) for a token that was changed, is of another key, or has
    /// expired.
    std::string follow(storage::ObjectStore& store, storage::LinkMethod method, std::string_view token) const;

    /// The object that `url` leads to, where it is one of these links and no other. Error(denied) as above.
    std::optional<storage::Key> key_of(const storage::PublicUrl& url) const;

  private:
    struct Grant {
        storage::Key key;
        Time expires;
        std::string download_filename;
    };
    std::string mac(std::string_view payload) const;
    Grant read(std::string_view token) const;

    storage::PublicUrl public_url_;
    std::string secret_;
    const Clock& clock_;
};

/// How long the links that are handed out live: speech.link_expiry and so on.
struct LinkExpiries {
    Duration speech{}, transcode{}, upload{};
};

/// Error(misconfigured) where a link that will be handed out would outlive the store's credentials and the
/// store has no other kind of link for it. Names the setting and both times. Whatever the credentials' source
/// throws.
void check_links(storage::ObjectStore& store, const LinkExpiries& expiries);

}  // namespace fadeout::service
