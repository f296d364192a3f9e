#include "net/http_url.h"

#include <algorithm>
#include <new>

#include "base/text.h"

namespace fadeout::net {

namespace {

constexpr std::size_t max_url_bytes = 8192;

std::string part(CURLU* url, CURLUPart which, unsigned int flags = 0) {
    char* text = nullptr;
    if (curl_url_get(url, which, &text, flags) != CURLUE_OK) return {};
    const std::unique_ptr<char, CurlRelease<curl_free>> owned(text);
    return text;
}

}  // namespace

std::optional<HttpUrl> HttpUrl::parse(const std::string& text) {
    UrlHandle empty(curl_url());
    if (!empty) throw std::bad_alloc();
    return set(std::move(empty), text);
}

std::optional<HttpUrl> HttpUrl::resolve(const std::string& reference) const {
    UrlHandle base(curl_url_dup(handle_.get()));
    if (!base) throw std::bad_alloc();
    return set(std::move(base), reference);
}

std::string HttpUrl::origin() const {
    return part(handle(), CURLUPART_SCHEME) + "://" + to_lower(part(handle(), CURLUPART_HOST)) + ":" +
           part(handle(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
}

std::string HttpUrl::path() const {
    return part(handle(), CURLUPART_PATH);
}

std::optional<HttpUrl> HttpUrl::set(UrlHandle handle, const std::string& text) {
    const bool plain =
        std::none_of(text.begin(), text.end(), [](unsigned char c) { return c <= ' ' || c == 0x7f; });
    if (!plain || text.size() > max_url_bytes) return std::nullopt;
    // As it is: a signed path must not be normalised.
    if (curl_url_set(handle.get(), CURLUPART_URL, text.c_str(), CURLU_PATH_AS_IS) != CURLUE_OK)
        return std::nullopt;
    const std::string scheme = part(handle.get(), CURLUPART_SCHEME);
    if (scheme != "http" && scheme != "https") return std::nullopt;
    std::string host = part(handle.get(), CURLUPART_HOST);
    if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
    if (host.empty()) return std::nullopt;
    std::string resolved = part(handle.get(), CURLUPART_URL);
    return HttpUrl(std::move(resolved), std::move(host), std::move(handle));
}

}  // namespace fadeout::net
