#include "http/handlers.h"

namespace fadeout::http {

namespace {

/// The token says by itself who may follow it, so that it must not be kept where others find it.
Response redirect(service::Services& services, const Request& request) {
    if (!request.query().empty())
        throw Error(ErrorKind::denied, "AccessDenied: The link was changed: it has no parameters");
    const auto method = request.method == "HEAD" ? storage::LinkMethod::head : storage::LinkMethod::get;
    Response response;
    response.status = 307;
    response.headers = {
        {"Location", services.resigned_links.follow(services.store, method, request.param("token"))},
        {"Cache-Control", "no-store"},
        {"Referrer-Policy", "no-referrer"}};
    return response;
}

}  // namespace

std::vector<Route> link_routes(service::Services& services) {
    return {{.method = "GET",
             .pattern = "/l/{token}",
             .lane = Lane::fast,
             .access = Access::open,
             .handle = [&services](const Request& request,
                                   std::stop_token) { return redirect(services, request); },
             .receive = {}}};
}

}  // namespace fadeout::http
