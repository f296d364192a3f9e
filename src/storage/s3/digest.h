#pragma once
#include <string>

#include "base/byte_stream.h"

namespace fadeout::storage::s3 {

/// What a Content-MD5 header says of `body` (RFC 1864).
std::string content_md5(Bytes body);

}  // namespace fadeout::storage::s3
