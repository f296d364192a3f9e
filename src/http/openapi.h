#pragma once
#include <string_view>

namespace fadeout::http {

/// The description of all routes (OpenAPI 3.1), as it stands in openapi.json when the program is built.
std::string_view openapi_json() noexcept;

}  // namespace fadeout::http
