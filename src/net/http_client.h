#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_stream.h"
#include "base/clock.h"
#include "net/address.h"

namespace fadeout::net {

struct HttpRequest {
    std::string method;  ///< upper case
    std::string url;     ///< sent byte for byte: what was signed is what arrives
    std::vector<std::pair<std::string, std::string>> headers;
    Bytes body{};              ///< must stay valid during send()
    Duration timeout{60'000};  ///< for the whole exchange
    Duration stall{15'000};    ///< no byte either way for so long: Error(timeout)
    std::stop_token stop{};    ///< asks to give up: Error(cancelled) within about a second
    bool wants_body = true;    ///< false: the exchange ends where the answer's body would begin
    std::string_view peer = "A configured service";  ///< what messages call it; outlives send()
};

struct HttpResponse {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
    std::string body;                                          ///< empty where it was handed to on_body

    /// The first header of that (lower-case) name, or "".
    std::string_view header(std::string_view name) const noexcept;
};

/// Where a response's body goes instead of into HttpResponse::body, for 2xx only; return false to end the
/// transfer.
using OnBody = std::function<bool(Bytes)>;

/// Talks to the services that fadeout itself is configured to use (object stores, databases), and with a
/// policy to those that somebody else named: then only to addresses that it allows, Error(denied) otherwise.
/// Keeps connections open and shares them among threads; thread-safe; blocks. Redirects are not followed,
/// proxies of the environment are ignored. A response body over `max_body_bytes` is
/// Error(bad_source). Error(unavailable) where nothing was answered, Error(timeout); an HTTP status is never
/// an Error here.
class HttpClient {
  public:
    explicit HttpClient(std::size_t max_body_bytes = 16 << 20, std::optional<AddressPolicy> policy = {});
    ~HttpClient();
    HttpResponse send(const HttpRequest& request, const OnBody& on_body = {});

  private:
    class Pool;
    std::unique_ptr<Pool> pool_;
    std::size_t max_body_bytes_;
    std::optional<AddressPolicy> policy_;
};

}  // namespace fadeout::net
