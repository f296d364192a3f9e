// Any text as a URL of a bucket: no crash; what is found is a key, and the link made from that key leads back
// to it.
#include <cstdlib>

#include "base/text.h"
#include "storage/s3/endpoint.h"
#include "storage/s3/url_key.h"

using namespace fadeout;
using namespace fadeout::storage;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

void check(const S3Location& location, std::string_view text) {
    static const std::vector<PublicUrl> further{PublicUrl::parse("https://cdn.example.com")};
    const auto all = s3::endpoints(location, further);
    const s3::Endpoint endpoint(location);
    std::string url(text);
    for (const std::string& candidate :
         {url, endpoint.origin() + endpoint.path_of("") + "/" + url, further[0].origin + "/" + url}) {
        auto key = key_below(all, candidate);
        if (!key) key = s3::amazon_key(location, candidate);
        if (!key) continue;
        require(!key_fault(key->str()));
        require(key_below(all, endpoint.origin() + endpoint.path_of(key->str()) + "?X-Amz-Signature=1") ==
                key);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const S3Location amazon = parse_s3_url("s3://audio?region=eu-central-1");
    static const S3Location ceph = parse_s3_url("s3://audio?endpoint=http://h:7480/below&path_style=1");
    static const S3Location cloudflare = parse_s3_url("r2://audio?account=0123abcd");
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const S3Location& location : {amazon, ceph, cloudflare}) check(location, text);
    return 0;
}
