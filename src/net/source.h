#pragma once
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/byte_stream.h"
#include "base/clock.h"
#include "net/address.h"

namespace fadeout::net {

/// Bounds on fetching a source that somebody else named.
struct SourceLimits {
    std::uint64_t max_bytes = 4ULL << 30;      ///< beyond: Error(too_large)
    Duration connect{10'000};                  ///< name look-up, connect and TLS
    Duration stall{15'000};                    ///< no byte for so long: Error(timeout)
    Duration total{std::chrono::minutes(30)};  ///< spent waiting for the source, from open_url() on
    int redirects = 3;
    int resumes = 3;  ///< broken transfers are taken up again by Range this many times
};

/// A URL that was opened.
class UrlSource : public ByteSource {
  public:
    /// What tells this version of the object from another: its ETag, else its Last-Modified, else "".
    virtual const std::string& version() const noexcept = 0;
};

/// Opens an http or https URL for ranged reading. Consecutive reads share one transfer; a jump starts a new
/// one by Range. Where the server has no ranges the source is not seekable(): a jump then reads through, from
/// the start if it goes back. Where its ranges come without a total, size() is unknown until an
/// answer tells it or a range is answered 416. Memory: one bounded buffer. The object must stay the same: a
/// changed ETag, Last-Modified or length is Error(bad_source), and so is an empty one. Every address that is
/// connected to passes `policy`, also after redirects; proxies in the environment are ignored. Errors never
/// tell what is behind an address: invalid (URL), denied (address), bad_source, timeout, too_large. Once
/// `stop` is requested, opening and reading end within a quarter of a second, however the source behaves:
/// Error(cancelled).
std::unique_ptr<UrlSource> open_url(const std::string& url, const AddressPolicy& policy,
                                    const SourceLimits& limits, std::stop_token stop);

}  // namespace fadeout::net
