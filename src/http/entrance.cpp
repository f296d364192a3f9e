#include "http/entrance.h"

#include <fmt/format.h>

namespace fadeout::http {

Entrance::Entrance(std::vector<Route> routes, const std::vector<std::string>& api_keys,
                   std::vector<std::string> cors_origins, std::string base_path)
    : router_(std::move(routes)),
      keys_(api_keys),
      cors_(std::move(cors_origins)),
      base_path_(std::move(base_path)) {}

std::string_view Entrance::route_path(const Request& request) const {
    std::string_view path = request.path();
    if (!base_path_.empty() && path.starts_with(base_path_) &&
        path.substr(base_path_.size()).starts_with('/'))
        path.remove_prefix(base_path_.size());
    return path;
}

Verdict Entrance::judge(Request& request) const {
    auto match = router_.match(request.method, route_path(request));
    const std::string_view origin = request.header("Origin");
    Verdict verdict;
    if (std::holds_alternative<NotFound>(match)) {
        verdict.refusal = error_response(
            style(request), 404,
            "There is no such route on this node; GET /openapi.json lists all that `fadeout serve` has");
    } else if (const auto* refusal = std::get_if<MethodNotAllowed>(&match)) {
        verdict.refusal = refuse_method(request, *refusal);
        verdict.cors = request.method == "OPTIONS"
                           ? cors_.preflight(origin, refusal->any_origin, refusal->allow)
                           : cors_.answer(origin, refusal->any_origin);
    } else {
        auto& [route, params] = std::get<Match>(match);
        request.params = std::move(params);
        request.base_path = base_path_;
        verdict.cors = cors_.answer(origin, route->any_origin);
        if (route->access == Access::key && !keys_.allow(request))
            verdict.refusal = refuse_key(request);
        else
            verdict.route = route;
    }
    return verdict;
}

Response Entrance::refuse_method(const Request& request, const MethodNotAllowed& refusal) const {
    Response response;
    if (request.method == "OPTIONS")
        response.status = 204;
    else
        response =
            error_response(style(request), 405,
                           "This route does not take " + request.method + "; it takes " + refusal.allow);
    response.headers.emplace_back("Allow", refusal.allow);
    return response;
}

Response Entrance::refuse_key(const Request& request) const {
    Response response = error_response(
        style(request), 401, "A valid API key is needed: Authorization: Bearer KEY, or X-Api-Key: KEY");
    response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"fadeout\"");
    return response;
}

void check_body_size(const Route& route, std::uint64_t bytes) {
    if (bytes > route.max_body_bytes)
        throw Error(ErrorKind::too_large, fmt::format("The body has {} bytes; at most {} are allowed", bytes,
                                                      route.max_body_bytes));
}

}  // namespace fadeout::http
