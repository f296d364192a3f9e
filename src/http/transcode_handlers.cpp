#include "http/handlers.h"
#include "http/json_body.h"

namespace fadeout::http {

namespace {

Response transcode(service::Services& services, const Request& request, std::stop_token stop) {
    const auto wanted = services.transcode.parse(parse_json_object(request.body));
    return json_response(200, service::to_json(services.transcode.run(
                                  wanted, [](double) {}, std::move(stop))));
}

Response waveform(service::Services& services, const Request& request, std::stop_token stop) {
    const auto wanted = service::parse_waveform_request(parse_json_object(request.body));
    const service::OpenSource source = services.sources.open(wanted.file_url, stop);
    service::WaveformBody body =
        service::waveform(*source.bytes, wanted, services.transcode.limits(), std::move(stop));
    Response response;
    response.headers = {{"Content-Type", std::move(body.content_type)}};
    response.body = std::move(body.body);
    return response;
}

}  // namespace

std::vector<Route> transcode_routes(service::Services& s, const Limits& limits) {
    const auto route = [&](std::string pattern, Handler handle) {
        return Route{.method = "POST",
                     .pattern = std::move(pattern),
                     .lane = Lane::slow,
                     .max_body_bytes = limits.json_bytes,
                     .any_origin = true,
                     .handle = std::move(handle),
                     .receive = {}};
    };
    return {route("/transcode",
                  [&s](const Request& r, std::stop_token stop) { return transcode(s, r, std::move(stop)); }),
            route("/waveform",
                  [&s](const Request& r, std::stop_token stop) { return waveform(s, r, std::move(stop)); })};
}

}  // namespace fadeout::http
