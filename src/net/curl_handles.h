#pragma once
#include <curl/curl.h>

#include <memory>

namespace fadeout::net {

template <auto Release>
struct CurlRelease {
    template <class Handle>
    void operator()(Handle* handle) const noexcept {
        Release(handle);
    }
};

using EasyHandle = std::unique_ptr<CURL, CurlRelease<curl_easy_cleanup>>;
using MultiHandle = std::unique_ptr<CURLM, CurlRelease<curl_multi_cleanup>>;
using UrlHandle = std::unique_ptr<CURLU, CurlRelease<curl_url_cleanup>>;
using HeaderList = std::unique_ptr<curl_slist, CurlRelease<curl_slist_free_all>>;

}  // namespace fadeout::net
