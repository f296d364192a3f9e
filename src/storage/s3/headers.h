#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "aws/sigv4.h"
#include "net/http_client.h"
#include "storage/object_store.h"

// An object's attributes as headers of the S3 API.
namespace fadeout::storage::s3 {

/// A metadata value that a header carries as it is, or else as RFC 2047 encoded words: what is not ASCII, is
/// empty, or has white space that would be lost. S3 keeps and gives back both forms.
std::string encode_metadata(std::string_view value);
/// Reads both forms; a malformed word stays as it is.
std::string decode_metadata(std::string_view text);

/// Content-Type and x-amz-meta-*; with the upload's token, which tells our upload from another one of the
/// same key. An empty content type is derived from the key's name.
aws::NameValues attribute_headers(const Key& key, const ObjectAttributes& attributes, std::string_view token);

/// Of a HEAD or GET; the size is that of the whole object, also for a range.
ObjectHead parse_head(const Key& key, const net::HttpResponse& response);
/// The upload token; "" where the object has none.
std::string upload_token(const net::HttpResponse& response);

}  // namespace fadeout::storage::s3
