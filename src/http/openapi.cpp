#include "http/openapi.h"

namespace fadeout::http {

std::string_view openapi_json() noexcept {
    static constexpr std::string_view text =
#include "embedded/openapi.json.inc"
        ;
    return text;
}

}  // namespace fadeout::http
