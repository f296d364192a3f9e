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

    const std::string& str() const noexcept { return text_; }
    const std::string& host() const noexcept { return host_; }  ///< name or address, without brackets
    CURLU* handle() const noexcept { return handle_.get(); }

  private:
    HttpUrl(std::string text, std::string host, UrlHandle handle)
        : text_(std::move(text)), host_(std::move(host)), handle_(std::move(handle)) {}

    std::string text_;
    std::string host_;
    UrlHandle handle_;
};

}  // namespace fadeout::net
