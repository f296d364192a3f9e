#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "base/text.h"
#include "http/handlers.h"
#include "http/json_body.h"
#include "http/query.h"

namespace fadeout::http {

namespace {

/// What a list shows of a text.
constexpr std::size_t listed_characters = 100;

double milliseconds(std::chrono::microseconds t) {
    return static_cast<double>(t.count()) / 1000.0;
}

Response speak(service::Services& services, const Request& request, std::stop_token stop) {
    service::Speech& speech = services.speech;
    const auto wanted = speech.parse(parse_json_object(request.body), speech.options().max_characters);
    const service::SpeechResult result = speech.speak(wanted, std::move(stop));
    Response response = json_response(200, service::to_json(result));
    const service::SpeechTimings& t = result.timings;
    response.headers.emplace_back(
        "Server-Timing",
        fmt::format("synth;dur={:.3f}, store;dur={:.3f}, records;dur={:.3f}", milliseconds(t.synthesis),
                    milliseconds(t.store), milliseconds(t.records)));
    return response;
}

Response list_voices(service::Services& services) {
    boost::json::array voices;
    for (const speech::Voice& voice : services.speech.voices()) voices.push_back(service::to_json(voice));
    return json_response(200, voices);
}

Response submit_job(service::Services& services, const Request& request) {
    boost::json::object body = parse_json_object(request.body);
    body["type"] = "speak";
    const auto job = services.jobs.submit(body, std::string(request.header("Idempotency-Key")));
    const boost::json::object all = service::to_speech_job_json(job);
    boost::json::object answer;
    for (const char* name : {"id", "status", "created_at", "audio_url"}) answer[name] = all.at(name);
    Response response = json_response(201, answer);
    response.headers.emplace_back("Location", request.base_path + "/tts/jobs/" + job.id);
    return response;
}

Response list_jobs(service::Services& services, const Request& request) {
    const std::size_t limit = limit_parameter(request);
    boost::json::array list;
    for (const jobs::Job& job :
         services.jobs.queue().list({.state = std::nullopt, .type = "speak"}, {}, limit).jobs)
        list.push_back(service::to_speech_job_json(job, listed_characters));
    return json_response(200, list);
}

jobs::Job find_job(service::Services& services, const Request& request) {
    auto job = services.jobs.queue().get(request.param("id"));
    if (!job || job->type != "speak") throw Error(ErrorKind::not_found, "There is no speech job of this id");
    return std::move(*job);
}

Response job_audio(service::Services& services, const Request& request) {
    const jobs::Job job = find_job(services, request);
    const boost::json::object answer = service::to_speech_job_json(job);
    if (job.state != jobs::State::done)
        throw Error(ErrorKind::invalid, fmt::format("The job is not completed: its status is {}",
                                                    answer.at("status").as_string().c_str()));
    if (!services.speech.find(utc_date(job.created_at), job.id))
        throw Error(ErrorKind::not_found, "The audio of this job has expired");
    Response response;
    response.status = 307;
    response.headers = {{"Location", answer.at("audio_url").as_string().c_str()},
                        {"Cache-Control", "no-store"}};
    return response;
}

Response find_record(service::Services& services, const Request& request) {
    const auto record = services.speech.find(request.param("date"), request.param("audio_id"));
    if (!record) throw Error(ErrorKind::not_found, "There is no such audio, or it has expired");
    return json_response(200, service::to_json(*record));
}

Response remove_record(service::Services& services, const Request& request) {
    if (!services.speech.remove(request.param("date"), request.param("audio_id")))
        throw Error(ErrorKind::not_found, "There is no such audio, or it has expired");
    Response response;
    response.status = 204;
    return response;
}

}  // namespace

std::vector<Route> speech_routes(service::Services& s, const Limits& limits) {
    std::vector<Route> routes;
    const auto add = [&](std::string method, std::string pattern, Lane lane, std::uint64_t max_body,
                         Handler handle) {
        routes.push_back({.method = std::move(method),
                          .pattern = std::move(pattern),
                          .lane = lane,
                          .max_body_bytes = max_body,
                          .handle = std::move(handle),
                          .receive = {}});
    };
    add("POST", "/tts/sync", Lane::speech, limits.json_bytes,
        [&s](const Request& r, std::stop_token stop) { return speak(s, r, std::move(stop)); });
    add("GET", "/voices", Lane::fast, 0, [&s](const Request&, std::stop_token) { return list_voices(s); });
    add("POST", "/tts/jobs", Lane::fast, limits.speech_job_bytes,
        [&s](const Request& r, std::stop_token) { return submit_job(s, r); });
    add("GET", "/tts/jobs", Lane::fast, 0,
        [&s](const Request& r, std::stop_token) { return list_jobs(s, r); });
    add("GET", "/tts/jobs/{id}", Lane::fast, 0, [&s](const Request& r, std::stop_token) {
        return json_response(200, service::to_speech_job_json(find_job(s, r)));
    });
    add("GET", "/tts/jobs/{id}/audio", Lane::fast, 0,
        [&s](const Request& r, std::stop_token) { return job_audio(s, r); });
    add("GET", "/tts/audio/{date}/{audio_id}", Lane::fast, 0,
        [&s](const Request& r, std::stop_token) { return find_record(s, r); });
    add("DELETE", "/tts/audio/{date}/{audio_id}", Lane::fast, 0,
        [&s](const Request& r, std::stop_token) { return remove_record(s, r); });
    return routes;
}

}  // namespace fadeout::http
