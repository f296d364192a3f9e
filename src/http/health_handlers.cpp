#include "http/handlers.h"
#include "http/json_body.h"
#include "http/openapi.h"
#include "http/readiness.h"

namespace fadeout::http {

namespace {

constexpr std::string_view index_text =
    R"(fadeout: renders audio, speaks text, and removes what is temporary when it promised to.

  POST /tts/sync          speak a text            {"text": "Hello", "voice": "en-us"}
  GET  /voices            the voices
  POST /tts/jobs          speak a long text later
  POST /v1/uploads        a link to put a file    {"filename": "song.wav", "content_type": "audio/wav"}
  POST /transcode         another format          {"file_url": "...", "target_format": "mp3"}
  POST /waveform          peaks for a player      {"file_url": "...", "peaks_count": 200}
  POST /v1/jobs           the same as a job       {"type": "transcode", "file_url": "..."}
  GET  /v1/report         what is stored, what it costs
  GET  /healthz /readyz   is it alive, can it work
  GET  /metrics           what it did, for Prometheus
  GET  /openapi.json      all routes
)";

Response text_response(std::string_view content_type, std::string_view body) {
    Response response;
    response.headers = {{"Content-Type", std::string(content_type)}};
    response.body = body;
    return response;
}

Route get(std::string pattern, Lane lane, Access access, Handler handle) {
    return {.method = "GET",
            .pattern = std::move(pattern),
            .lane = lane,
            .access = access,
            .handle = std::move(handle),
            .receive = {}};
}

Response ready(Readiness& readiness) {
    const Readiness::Answer answer = readiness.answer();
    return json_response(
        answer.ready ? 200 : 503,
        boost::json::object{{"status", answer.ready ? "ready" : "unavailable"}, {"checks", answer.checks}});
}

}  // namespace

std::vector<Route> health_routes(service::Services& s, const Limits& limits) {
    std::vector<Readiness::Part> parts = {{"store", [&s] { s.store.check(); }},
                                          {"records", [&s] { s.records.check(); }},
                                          {"queue", [&s] { s.jobs.queue().check(); }}};
    const auto readiness = std::make_shared<Readiness>(std::move(parts), limits.readiness);
    return {
        get("/healthz", Lane::immediate, Access::open,
            [](const Request&, std::stop_token) {
                return json_response(200, boost::json::object{{"status", "ok"}});
            }),
        get("/readyz", Lane::fast, Access::open,
            [readiness](const Request&, std::stop_token) { return ready(*readiness); }),
        get("/metrics", Lane::fast, Access::key,
            [&s](const Request&, std::stop_token) {
                return text_response("text/plain; version=0.0.4; charset=utf-8",
                                     s.metrics.exposition(s.jobs.queue()));
            }),
    };
}

std::vector<Route> index_routes() {
    return {
        get("/openapi.json", Lane::immediate, Access::key,
            [](const Request&, std::stop_token) {
                return text_response("application/json", openapi_json());
            }),
        get("/", Lane::immediate, Access::key,
            [](const Request&, std::stop_token) {
                return text_response("text/plain; charset=utf-8", index_text);
            }),
    };
}

std::vector<Route> all_routes(service::Services& services, const Limits& limits) {
    std::vector<Route> all;
    const auto add = [&all](std::vector<Route> routes) {
        for (Route& route : routes) all.push_back(std::move(route));
    };
    add(speech_routes(services, limits));
    add(transcode_routes(services, limits));
    add(job_routes(services, limits));
    add(upload_routes(services, limits));
    add(object_routes(services));
    add(report_routes(services));
    add(link_routes(services));
    add(health_routes(services, limits));
    add(index_routes());
    return all;
}

}  // namespace fadeout::http
