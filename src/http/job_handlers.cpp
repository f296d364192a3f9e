#include <boost/json/array.hpp>

#include "http/handlers.h"
#include "http/job_events.h"
#include "http/json_body.h"
#include "http/query.h"

namespace fadeout::http {

namespace {

Error no_such_job() {
    return {ErrorKind::not_found, "There is no job of this id"};
}

Response submit(service::Services& services, const Request& request) {
    const auto job =
        services.jobs.submit(parse_json_object(request.body), std::string(request.header("Idempotency-Key")));
    Response response =
        json_response(202, boost::json::object{{"id", job.id}, {"state", jobs::name(job.state)}});
    response.headers.emplace_back("Location", request.base_path + "/v1/jobs/" + job.id);
    return response;
}

Response list(service::Services& services, const Request& request) {
    const jobs::JobFilter filter = service::parse_filter(request.query_value("state").value_or(""),
                                                         request.query_value("type").value_or(""));
    const std::string cursor = request.query_value("cursor").value_or("");
    const jobs::JobPage page = services.jobs.queue().list(filter, cursor, limit_parameter(request));
    boost::json::array all;
    for (const jobs::Job& job : page.jobs) all.push_back(service::to_json(job));
    boost::json::object answer{{"jobs", std::move(all)}, {"next", nullptr}};
    if (page.next) answer["next"] = *page.next;
    return json_response(200, answer);
}

Response show(service::Services& services, const Request& request) {
    const auto job = services.jobs.queue().get(request.param("id"));
    if (!job) throw no_such_job();
    return json_response(200, service::to_json(*job));
}

Response follow(service::Services& services, const Request& request) {
    if (!services.jobs.queue().get(request.param("id"))) throw no_such_job();
    Response response;
    response.headers = {{"Content-Type", "text/event-stream"},
                        {"Cache-Control", "no-store"},
                        {"X-Accel-Buffering", "no"}};  // nginx in front must pass events on at once
    response.events = std::make_unique<JobEvents>(services.jobs.queue(), request.param("id"));
    return response;
}

}  // namespace

std::vector<Route> job_routes(service::Services& s, const Limits& limits) {
    std::vector<Route> routes;
    const auto add = [&](std::string method, std::string pattern, std::uint64_t max_body,
                         std::function<Response(const Request&)> handle) {
        routes.push_back(
            {.method = std::move(method),
             .pattern = std::move(pattern),
             .lane = Lane::fast,
             .max_body_bytes = max_body,
             .handle = [handle = std::move(handle)](const Request& r, std::stop_token) { return handle(r); },
             .receive = {}});
    };
    add("POST", "/v1/jobs", limits.speech_job_bytes, [&s](const Request& r) { return submit(s, r); });
    add("GET", "/v1/jobs", 0, [&s](const Request& r) { return list(s, r); });
    add("GET", "/v1/jobs/{id}", 0, [&s](const Request& r) { return show(s, r); });
    add("DELETE", "/v1/jobs/{id}", 0, [&s](const Request& r) {
        return json_response(200, service::to_json(s.jobs.queue().cancel(r.param("id"))));
    });
    add("POST", "/v1/jobs/{id}/retry", limits.json_bytes, [&s](const Request& r) {
        return json_response(202, service::to_json(s.jobs.queue().retry(r.param("id"))));
    });
    add("POST", "/v1/jobs/{id}/resend", limits.json_bytes, [&s](const Request& r) {
        return json_response(202, service::to_json(s.jobs.resend(r.param("id"))));
    });
    add("GET", "/v1/jobs/{id}/events", 0, [&s](const Request& r) { return follow(s, r); });
    return routes;
}

}  // namespace fadeout::http
