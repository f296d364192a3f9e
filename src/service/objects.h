#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "aws/sigv4.h"
#include "base/clock.h"
#include "storage/object_store.h"

namespace fadeout::service {

/// What a signed link allows, once it was checked.
struct LinkGrant {
    storage::Key key;
    std::string content_disposition;          ///< from response-content-disposition, already safe; empty: none
    std::optional<std::string> content_type;  ///< PUT: the signed Content-Type, if one was signed
};

/// Answers signed links of the disk store: /objects/{bucket}/{key}?X-Amz-...
class Objects {
  public:
    Objects(storage::ObjectStore& store, const Clock& clock, aws::Credentials link_credentials, std::string public_url,
            std::string region, std::uint64_t max_upload_bytes);

    /// `target`: path and query exactly as in the request line. `method`: GET, HEAD or PUT. Throws Error(denied)
    /// whose message starts with the S3 code for anything but a good link for this bucket.
    LinkGrant check(std::string_view method, std::string_view path, std::string_view query,
                    const aws::NameValues& headers) const;
    std::unique_ptr<storage::ObjectReader> open(const storage::Key& key);  ///< null: none
    std::unique_ptr<storage::ObjectWriter> create(const LinkGrant& grant, const std::string& content_type);
    std::uint64_t max_upload_bytes() const noexcept { return max_upload_bytes_; }

  private:
    storage::ObjectStore& store_;
    const Clock& clock_;
    aws::Credentials link_credentials_;
    std::string host_;
    std::string region_;
    std::uint64_t max_upload_bytes_;
};

}  // namespace fadeout::service
