#include "storage/s3/endpoint.h"

#include "base/text.h"
#include "storage/link.h"

namespace fadeout::storage::s3 {

Endpoint::Endpoint(const S3Location& location) {
    const PublicUrl service = PublicUrl::parse(location.endpoint);
    host_ = service.host;
    base_ = service.path;
    const std::string scheme = service.origin.substr(0, service.origin.find("://"));
    if (location.path_style)
        base_ += "/" + percent_encode(location.bucket);
    else
        host_ = location.bucket + "." + host_;
    origin_ = scheme + "://" + host_;
}

std::string Endpoint::path_of(std::string_view key) const {
    if (key.empty()) return base_.empty() ? "/" : base_;
    return base_ + "/" + percent_encode(key, /*keep_slash=*/true);
}

}  // namespace fadeout::storage::s3
