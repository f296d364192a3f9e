#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.h"
#include "net/address.h"
#include "net/curl_handles.h"
#include "net/http_url.h"
#include "net/source.h"

namespace fadeout::net {

/// The header of an answer, as far as reading a source needs it. Absent fields are empty.
struct SourceResponse {
    int status = 0;
    std::optional<std::uint64_t> content_length;
    std::string etag, last_modified, content_range, content_encoding, accept_ranges, location;
};

/// One GET at a time, its body pulled by the reader: while nobody reads, the socket is left alone, so that
/// memory stays at one buffer and the server feels the back-pressure. Follows no redirects, uses no proxy,
/// sends no cookies, no referrer and nothing kept from an earlier request. Connects only where the policy
/// allows it, judged by the address that is connected to.
class HttpTransfer {
  public:
    static constexpr std::size_t buffer_bytes = 256 * 1024;

    /// Once `stop` is requested, get() and read() throw Error(cancelled), within a quarter of a second where
    /// they wait already.
    HttpTransfer(AddressPolicy policy, const SourceLimits& limits, std::stop_token stop);
    ~HttpTransfer();
    HttpTransfer(const HttpTransfer&) = delete;
    HttpTransfer& operator=(const HttpTransfer&) = delete;

    /// Ends the transfer in flight, sends a GET and returns once the answer's header is there. Errors: denied
    /// (address), bad_source (not reached), timeout.
    SourceResponse get(const HttpUrl& url, const std::vector<std::string>& headers);

    /// Waits for body bytes; 0 once there are no more. Error(timeout) when none came in time.
    std::size_t read(std::span<std::byte> out);
    /// The whole answer was read, to its proper end.
    bool finished() const noexcept { return ended_ && consumed_ == buffer_.size() && result_ == CURLE_OK; }
    /// After read() returned 0: did the body end before the answer was complete?
    bool broken() const noexcept { return result_ != CURLE_OK; }
    /// Gives the transfer up; it counts as broken.
    void stop() noexcept;

  private:
    using Steady = std::chrono::steady_clock;

    void set_options(const HttpUrl& url);
    void wait_for_bytes();
    void check_deadlines(Steady::time_point since);
    SourceResponse response() const;
    Error failure() const;
    std::size_t on_body(const char* data, std::size_t size);
    curl_socket_t on_open_socket(const curl_sockaddr& address);

    AddressPolicy policy_;
    SourceLimits limits_;
    std::stop_token stop_;
    MultiHandle multi_;
    EasyHandle easy_;
    HeaderList headers_;
    std::string host_;            ///< of the URL in flight, for the policy
    std::string url_for_log_;     ///< masked
    bool denied_ = false;         ///< the policy refused an address of this host
    bool paused_ = false;         ///< libcurl holds a piece that did not fit into the buffer
    bool ended_ = true;           ///< nothing more will be appended to the buffer
    CURLcode result_ = CURLE_OK;  ///< how it ended
    Steady::duration waited_{};   ///< all waiting since construction, against limits.total
    std::vector<std::byte> buffer_;
    std::size_t consumed_ = 0;  ///< of the buffer
};

}  // namespace fadeout::net
