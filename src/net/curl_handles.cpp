#include "net/curl_handles.h"

#include <new>

namespace fadeout::net {

void initialise_curl() {
    static const CURLcode result = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (result != CURLE_OK)
        throw Error(ErrorKind::internal, "The HTTP library could not be started.",
                    curl_easy_strerror(result));
}

void append(HeaderList& list, const std::string& line) {
    curl_slist* longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    static_cast<void>(list.release());
    list.reset(longer);
}

}  // namespace fadeout::net
