#pragma once
#include <mutex>
#include <optional>

#include "storage/s3/client.h"

namespace fadeout::storage::s3 {

/// Whether the service refuses to replace an object when it is told so by "If-None-Match: *". Amazon does for
/// both kinds of write, Ceph 16.2 only for PUT: it ignores the header of CompleteMultipartUpload. So it is
/// tried once, on an object of our own under temp-audio/, when it is first asked for. Thread-safe.
///
/// Where it does not, a writer that shall keep what is there looks with HEAD before it commits: two that
/// commit in the same instant may then both succeed, and the later one's bytes stay.
class ConditionalWrites {
  public:
    explicit ConditionalWrites(Client& client) : client_(client) {}

    /// `multipart`: of CompleteMultipartUpload, otherwise of PUT. False also where trying failed or the
    /// service was busy; then the next call tries again.
    bool honoured(bool multipart);

  private:
    Client& client_;
    std::mutex mutex_;  // guards all below
    std::optional<bool> put_, complete_;
};

}  // namespace fadeout::storage::s3
