#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aws/sigv4.h"
#include "base/byte_stream.h"
#include "base/clock.h"
#include "net/source.h"
#include "storage/object_store.h"

namespace fadeout::service {

/// A source that a request named, opened.
struct OpenSource {
    std::unique_ptr<ByteSource> bytes;
    /// What identifies the content: key or URL (without its signature) with ETag or length. Part of the final key.
    std::string identity;
    std::optional<Time> modified;  ///< where the store or server tells it
    std::string name;  ///< last segment of the path, for logs and messages
};

/// Opens what `file_url` names: a key of the store ("pitches/7/song.wav"), one of fadeout's own signed links (checked
/// and read directly), or an http(s) URL that the address policy allows.
class Sources {
  public:
    Sources(storage::ObjectStore& objects, const Clock& clock, aws::Credentials link_credentials,
            std::string public_url, net::AddressPolicy policy, net::SourceLimits limits);
    OpenSource open(const std::string& file_url) const;

  private:
    storage::ObjectStore& objects_;
    const Clock& clock_;
    aws::Credentials link_credentials_;
    std::string public_url_;
    net::AddressPolicy policy_;
    net::SourceLimits limits_;
};

}  // namespace fadeout::service
