// Bytes as an invocation's event: refused as invalid, or a request whose target could stand in a request
// line; and whatever body is answered comes out of the answer's JSON as it was.
#include <boost/json/parse.hpp>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/base64.h"
#include "base/error.h"
#include "lambda/event.h"

namespace {

using namespace fadeout;

void require(bool condition) {
    if (!condition) std::abort();
}

void check_event(std::string_view bytes) {
    try {
        const lambda::Event event = lambda::parse_event(bytes);
        if (const auto* request = std::get_if<http::Request>(&event))
            for (const char c : request->target) require(c > ' ' && c < 0x7f && c != '#');
    } catch (const Error& error) {
        require(error.kind() == ErrorKind::invalid);
    }
}

void check_answer(std::string_view bytes) {
    http::Response response;
    response.body = bytes;
    const auto answer = boost::json::parse(lambda::format_answer(response)).as_object();
    const std::string body(answer.at("body").as_string());
    require((answer.at("isBase64Encoded").as_bool() ? base64_decode(body) : body) == response.body);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    check_event(bytes);
    check_answer(bytes);
    return 0;
}
