// Bytes as a client may send them: through the request parser in one piece and in small ones, which must
// agree; then the path through the router, the Range field, the log's mask and the JSON body.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/error.h"
#include "http/access_log.h"
#include "http/conditions.h"
#include "http/json_body.h"
#include "http/request_parser.h"
#include "http/router.h"

namespace {

using namespace fadeout::http;

constexpr std::size_t max_header_bytes = 512;

struct Parsed {
    bool done = false;
    Request head;
    std::string body;
};

Parsed parse(std::string_view bytes, std::size_t step) {
    RequestParser parser(max_header_bytes);
    std::string waiting;
    while (!bytes.empty() && parser.fault() == 0 && !parser.is_done()) {
        waiting += bytes.substr(0, step);
        bytes.remove_prefix(std::min(step, bytes.size()));
        for (std::size_t n = 1; n > 0 && parser.fault() == 0 && !parser.is_done();) {
            n = parser.put(waiting);
            if (n > waiting.size()) std::abort();
            waiting.erase(0, n);
        }
    }
    if (!parser.is_done()) return {};
    return {true, parser.take_head(), parser.body()};
}

Route route(std::string method, std::string pattern) {
    Route r;
    r.method = std::move(method);
    r.pattern = std::move(pattern);
    return r;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Router router({route("GET", "/"), route("POST", "/v1/jobs/{id}/retry"),
                                route("PUT", "/objects/{bucket}/{key...}")});
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const Parsed whole = parse(bytes, SIZE_MAX);
    const Parsed pieces = parse(bytes, 3);
    if (whole.done != pieces.done || whole.body != pieces.body || whole.head.target != pieces.head.target ||
        whole.head.headers != pieces.head.headers)
        std::abort();
    try {
        parse_json_object(whole.done ? std::string_view(whole.body) : bytes);
    } catch (const fadeout::Error& error) {
        if (error.kind() != fadeout::ErrorKind::invalid) std::abort();
    }
    router.match(whole.head.method, whole.head.path());
    const auto range = parse_range(whole.done ? whole.head.header("Range") : bytes, 1000);
    if (const auto* part = std::get_if<ByteRange>(&range))
        if (part->size_bytes == 0 || part->offset + part->size_bytes > 1000) std::abort();
    for (const char c : masked(bytes.substr(0, 1000)))
        if (c < 0x20 || c == 0x7f) std::abort();
    return 0;
}
