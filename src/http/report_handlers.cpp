#include "http/handlers.h"
#include "http/json_body.h"
#include "service/report.h"

namespace fadeout::http {

namespace {

Response report(service::Services& services, const Request& request, std::stop_token stop) {
    const std::string format = request.query_value("format").value_or("json");
    if (format != "json" && format != "markdown")
        throw Error(ErrorKind::invalid, "format must be json or markdown");
    const auto made = services.report.make([](std::uint64_t) {}, std::move(stop));
    if (format == "json") return json_response(200, service::to_json(made));
    Response response;
    response.headers = {{"Content-Type", "text/markdown; charset=utf-8"}};
    response.body = service::to_markdown(made);
    return response;
}

}  // namespace

std::vector<Route> report_routes(service::Services& s) {
    // It lists the whole bucket, so it waits among the long requests.
    return {Route{
        .method = "GET",
        .pattern = "/v1/report",
        .lane = Lane::slow,
        .handle = [&s](const Request& r, std::stop_token stop) { return report(s, r, std::move(stop)); },
        .receive = {}}};
}

}  // namespace fadeout::http
