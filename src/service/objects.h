#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "aws/sigv4.h"
#include "base/clock.h"
#include "storage/link.h"
#include "storage/object_store.h"

namespace fadeout::service {

/// What a signed link allows, once it was checked.
struct LinkGrant {
    storage::Key key;
    std::string
        content_disposition;  ///< from response-content-disposition, safe as a header value; empty: none
    /// GET and HEAD: the media type to answer with, from response-content-type. PUT: the signed Content-Type.
    std::optional<std::string> content_type;
};

/// Answers signed links of the disk store: /objects/{bucket}/{key}?X-Amz-...
class Objects {
  public:
    Objects(storage::ObjectStore& store, const Clock& clock, aws::Credentials link_credentials,
            std::string public_url, std::string region, std::uint64_t max_upload_bytes);

    /// `path` and `query` exactly as in the request line. `method`: GET, HEAD or PUT. Throws Error(denied)
    /// whose message begins with S3's code and a colon ("SignatureDoesNotMatch: ...") for anything but a good
    /// link for this bucket. What is in the link is never repeated in the Error.
    LinkGrant check(std::string_view method, std::string_view path, std::string_view query,
                    const aws::NameValues& headers) const;
    std::unique_ptr<storage::ObjectReader> open(const storage::Key& key);  ///< null: none
    /// Writes what a PUT brings. `content_type` as the request says it; one that is not a media type and was
    /// not signed is not kept, the key's extension tells then.
    std::unique_ptr<storage::ObjectWriter> create(const LinkGrant& grant, const std::string& content_type);
    std::uint64_t max_upload_bytes() const noexcept { return max_upload_bytes_; }

  private:
    storage::ObjectStore& store_;
    const Clock& clock_;
    aws::Credentials link_credentials_;
    storage::PublicUrl public_url_;
    std::string region_;
    std::uint64_t max_upload_bytes_;
};

}  // namespace fadeout::service
