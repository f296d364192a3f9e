#pragma once
#include <curl/curl.h>

#include <memory>
#include <string>

#include "base/error.h"

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

/// Once per process, before any handle is made.
void initialise_curl();

template <class Value>
void set_option(CURL* easy, CURLoption option, Value value) {
    if (const CURLcode result = curl_easy_setopt(easy, option, value); result != CURLE_OK)
        throw Error(ErrorKind::internal, "The HTTP library refused a setting.", curl_easy_strerror(result));
}

/// Takes the CA certificates from the file that SSL_CERT_FILE names, where it names one, as the curl command
/// line and OpenSSL's own programs do: libcurl by itself only knows the place of the system it was built on.
void trust_certificates_of_environment(CURL* easy);

void append(HeaderList& list, const std::string& line);

}  // namespace fadeout::net
