#pragma once
#include <string>

#include "aws/sigv4.h"

namespace fadeout::storage {

/// The key that signs links, kept in the file `path`, one line "fadeout-signing-key-1 {access key id}
/// {secret}". Made at the first start with 32 random bytes of secret, mode 0600, durable; of several
/// processes that start at once one makes it and all read the same.
///
/// Error, so that the service does not start with a key that others know or that invalidates all links:
/// denied where the file cannot be read or group or others have any permission on it, invalid where it is
/// empty or malformed, storage_full, internal.
aws::Credentials load_or_create_signing_key(const std::string& path);

}  // namespace fadeout::storage
