#pragma once
#include <optional>
#include <string>

#include "net/curl_handles.h"

namespace fadeout::net {

/// An http or https URL, taken apart once by the parser that also connects: what is checked is what is used.
class HttpUrl {
  public:
    /// Nothing for every other scheme, a missing one, white space, control characters, or over 8 KiB.
    static std::optional<HttpUrl> parse(const std::string& text);
    /// What a Location header in the answer to this URL means (RFC 3986, 5): user:password@ is kept only
    /// where the reference names no host. Nothing where the result would not parse().
    std::optional<HttpUrl> resolve(const std::string& reference) const;

    const std::string& str() const noexcept { return text_; }
    const std::string& host() const noexcept { return host_; }  ///< name or address, without brackets
    std::string origin() const;  ///< "https://example.com:443": lower case, the port always there
    std::string path() const;    ///< as it stands there, beginning with '/', without the query
    CURLU* handle() const noexcept { return handle_.get(); }

  private:
    static std::optional<HttpUrl> set(UrlHandle handle, const std::string& text);
    HttpUrl(std::string text, std::string host, UrlHandle handle)
        : text_(std::move(text)), host_(std::move(host)), handle_(std::move(handle)) {}

    std::string text_;
    std::string host_;
    UrlHandle handle_;
};

}  // namespace fadeout::net
