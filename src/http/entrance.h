#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "http/api_keys.h"
#include "http/cors.h"
#include "http/router.h"
#include "http/status.h"

namespace fadeout::http {

/// What a request leads to, judged before its body is looked at.
struct Verdict {
    const Route* route = nullptr;  ///< of the entrance; null: `refusal` is the answer
    Response refusal;
    Fields cors;  ///< to be added to the answer, whichever it is
};

/// Lets a request in to its route, or says why not: no such route or method, a preflight, a missing key. The
/// same for everything that takes requests, with sockets or without. Thread-safe.
class Entrance {
  public:
    /// `api_keys`, `cors_origins`, `base_path`: as in ServerOptions.
    Entrance(std::vector<Route> routes, const std::vector<std::string>& api_keys,
             std::vector<std::string> cors_origins, std::string base_path);

    /// Fills request.params and request.base_path where a route is found.
    Verdict judge(Request& request) const;
    /// How errors about this request are worded.
    ErrorStyle style(const Request& request) const { return error_style(route_path(request)); }

  private:
    std::string_view route_path(const Request& request) const;  ///< without the base path
    Response refuse_method(const Request& request, const MethodNotAllowed& refusal) const;
    Response refuse_key(const Request& request) const;

    Router router_;
    ApiKeys keys_;
    Cors cors_;
    std::string base_path_;
};

/// Error(too_large) where a body of so many bytes is more than the route takes.
void check_body_size(const Route& route, std::uint64_t bytes);

}  // namespace fadeout::http
