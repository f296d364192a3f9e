#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace fadeout::http {

/// Turns the bytes of one request into its head and its body (RFC 9112). No I/O: bytes are put in as they
/// come. Refuses what two parties could read differently: Content-Length together with Transfer-Encoding,
/// other transfer codings than chunked, several lengths, HTTP/1.1 without exactly one Host.
class RequestParser {
  public:
    explicit RequestParser(std::size_t max_header_bytes);
    ~RequestParser();
    RequestParser(RequestParser&&) noexcept;
    RequestParser& operator=(RequestParser&&) noexcept;

    /// Takes what it can and returns how many bytes; the others are to be put in again, together with what
    /// follows them, at most `max_header_bytes` in all. Stops behind the head, so that it can be judged
    /// before the body is taken, and behind the end of the request.
    std::size_t put(std::string_view bytes);

    bool has_head() const noexcept;  ///< take_head() may be called
    bool is_done() const noexcept;   ///< the body is complete
    /// The status to refuse the request with (400, 431, 505), once it cannot be understood. 0: all is well.
    int fault() const noexcept;

    Request take_head();
    /// Announced by Content-Length; nothing for a chunked body.
    std::optional<std::uint64_t> content_length() const noexcept;
    bool keeps_alive() const noexcept;  ///< the client lets the connection be used again
    std::string& body() noexcept;       ///< what came since the caller last emptied it

  private:
    class Beast;
    std::unique_ptr<Beast> beast_;
};

}  // namespace fadeout::http
