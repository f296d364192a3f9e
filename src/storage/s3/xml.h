#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/object_store.h"
#include "storage/s3/fault.h"

// The XML of the S3 API. Reading throws Error(unavailable) where an answer is not what was asked for: it is
// outside input, and may be half of one. Source: Amazon S3 API Reference.
namespace fadeout::storage::s3 {

/// Nothing where `body` is no <Error> document.
std::optional<Fault> parse_fault(int status, std::string_view body);

/// ListObjectsV2 with encoding-type=url, where the answer says that it follows it. Objects whose names are no
/// keys are left out; `next` is the last name.
ObjectPage parse_object_page(std::string_view body);

struct Upload {
    std::string key;  ///< any bytes: not only ours
    std::string id;
    Time initiated;
};
struct UploadPage {
    std::vector<Upload> uploads;
    std::string next_key, next_id;  ///< where the following page begins
    bool truncated = false;
};
/// ListMultipartUploads with encoding-type=url.
UploadPage parse_upload_page(std::string_view body);

std::string parse_upload_id(std::string_view body);  ///< of CreateMultipartUpload
std::string parse_completed_etag(
    std::string_view body);  ///< of CompleteMultipartUpload; Ceph leaves it empty

/// The body of CompleteMultipartUpload; `etags` are those of parts 1, 2, 3, ...
std::string completion_document(std::span<const std::string> etags);

/// The body of DeleteObjects.
std::string removal_document(std::span<const Key> keys);
/// One result per key, in order. A key of which the answer says nothing has an Error.
std::vector<RemoveResult> parse_removal(std::string_view body, std::span<const Key> keys);

/// GetBucketLifecycleConfiguration. Reads the prefix where Amazon (Filter, Filter/And, the older Prefix
/// beside it) and Ceph (Filter with tags in it, without And) write it.
std::vector<LifecycleRule> parse_lifecycle(std::string_view body);

/// Without the quotes around it.
std::string plain_etag(std::string_view etag);

}  // namespace fadeout::storage::s3
