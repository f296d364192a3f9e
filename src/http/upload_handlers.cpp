#include "http/handlers.h"
#include "http/json_body.h"

namespace fadeout::http {

std::vector<Route> upload_routes(service::Services& s, const Limits& limits) {
    return {{.method = "POST",
             .pattern = "/v1/uploads",
             .lane = Lane::fast,
             .max_body_bytes = limits.json_bytes,
             .handle =
                 [&s](const Request& request, std::stop_token) {
                     return json_response(201, service::create_upload(s.store, s.clock, s.upload_link_expiry,
                                                                      parse_json_object(request.body)));
                 },
             .receive = {}}};
}

}  // namespace fadeout::http
