#pragma once
#include <string>
#include <string_view>

#include "storage/s3/url.h"

namespace fadeout::storage::s3 {

/// Where one bucket is reached, in path style or virtual-host style.
class Endpoint {
  public:
    explicit Endpoint(const S3Location& location);

    const std::string& origin() const noexcept {
        return origin_;
    }  ///< "https://bucket.s3.eu-west-1.amazonaws.com"
    const std::string& host() const noexcept { return host_; }  ///< as it stands in the Host header
    /// Percent-encoded path of an object, or of the bucket itself where `key` is empty.
    std::string path_of(std::string_view key) const;

  private:
    std::string origin_, host_;
    std::string base_;  ///< "", "/bucket" or "/below/bucket"
};

}  // namespace fadeout::storage::s3
