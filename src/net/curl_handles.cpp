#include "net/curl_handles.h"

#include <cstdlib>
#include <new>

namespace fadeout::net {

void initialise_curl() {
    static const CURLcode result = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (result != CURLE_OK)
        throw Error(ErrorKind::internal, "The HTTP library could not be started.",
                    curl_easy_strerror(result));
}

void trust_certificates_of_environment(CURL* easy) {
    const char* file = std::getenv("SSL_CERT_FILE");
    if (file != nullptr && *file != '\0') set_option(easy, CURLOPT_CAINFO, file);
}

void append(HeaderList& list, const std::string& line) {
    curl_slist* longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    static_cast<void>(list.release());
    list.reset(longer);
}

}  // namespace fadeout::net
