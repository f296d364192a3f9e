#include "lambda/function.h"

#include <optional>
#include <span>

#include "http/handlers.h"
#include "lambda/event.h"
#include "service/json_text.h"

namespace fadeout::lambda {

namespace {

constexpr std::string_view too_large_answer =
    "The answer is larger than the 6 MB that AWS Lambda hands out; ask for parts of an object with Range, or "
    "keep objects in a bucket, whose links do not lead here";
constexpr std::string_view out_of_time =
    "The time limit of this Lambda function is nearly over; raise its timeout (900 s at most), or send less";

http::Response refuse_job(const http::Request& request) {
    return http::error_response(http::error_style(request.path()), 501,
                                "Jobs need a queue that outlives this function: set FADEOUT_QUEUE to "
                                "redis://host and run fadeout worker, or ask for the work directly");
}

/// The bytes of an open object, which a server would send from its file.
std::string read(const http::ObjectBody& object) {
    if (object.size_bytes > Function::max_answer_bytes)
        throw Error(ErrorKind::too_large, std::string(too_large_answer));
    std::string bytes(object.size_bytes, '\0');
    if (read_fully(*object.reader, object.offset, std::as_writable_bytes(std::span(bytes))) < bytes.size())
        throw Error(ErrorKind::unavailable, "The object broke off; try again");
    return bytes;
}

http::Response run(const http::Route& route, const http::Request& request, const std::stop_token& stop) {
    http::check_body_size(route, request.body.size());
    if (!route.receive) return route.handle(request, stop);
    const auto receiver = route.receive(request);
    receiver->write(request.body);
    return receiver->finish();
}

/// The answer, with the fields that each has.
std::string complete(http::Response& response, const http::Request& request, const http::Fields& cors) {
    if (request.method == "HEAD") response.body.clear();
    response.headers.insert(response.headers.end(), cors.begin(), cors.end());
    response.headers.emplace_back("X-Request-Id", request.id);
    return format_answer(response);
}

}  // namespace

std::vector<http::Route> routes(service::Services& services, const http::Limits& limits,
                                bool has_shared_queue) {
    std::vector<http::Route> all = http::all_routes(services, limits);
    for (http::Route& route : all)
        if (!has_shared_queue && route.method == "POST" && route.pattern.find("/jobs") != std::string::npos)
            route.handle = [](const http::Request& request, std::stop_token) { return refuse_job(request); };
    return all;
}

Function::Function(service::Services& services, http::Entrance entrance, OnAnswered on_answered)
    : services_(services), entrance_(std::move(entrance)), on_answered_(std::move(on_answered)) {}

std::string Function::handle(const std::string& id, std::string_view text, std::stop_token stop) {
    const Time began = services_.clock.now();
    Event event = http::Request();
    std::optional<Error> unreadable;
    try {
        event = parse_event(text);
    } catch (const Error& error) {
        unreadable = error;
    }
    if (std::holds_alternative<SweepEvent>(event))
        return service::json_text(service::to_json(services_.cleanup.sweep(false, {}, std::move(stop))));
    auto& request = std::get<http::Request>(event);
    request.id = id;
    http::Verdict verdict = entrance_.judge(request);
    http::Response response = unreadable ? http::error_response(http::ErrorStyle::error, *unreadable)
                                         : answer(request, verdict, stop);
    return finish(request, verdict.cors, std::move(response), began);
}

http::Response Function::answer(const http::Request& request, http::Verdict& verdict,
                                const std::stop_token& stop) const {
    const http::ErrorStyle style = entrance_.style(request);
    try {
        http::Response response =
            verdict.route != nullptr ? run(*verdict.route, request, stop) : std::move(verdict.refusal);
        if (response.object && request.method != "HEAD") response.body = read(*response.object);
        if (response.events)
            return http::error_response(style, 501,
                                        "AWS Lambda sends no stream of events; ask for the job itself");
        return response;
    } catch (const Error& error) {
        const bool is_late = error.kind() == ErrorKind::cancelled && stop.stop_requested();
        return http::error_response(style,
                                    is_late ? Error(ErrorKind::timeout, std::string(out_of_time)) : error);
    } catch (const std::exception& exception) {
        return http::error_response(style, http::unexpected(exception));
    }
}

std::string Function::finish(const http::Request& request, const http::Fields& cors, http::Response response,
                             Time began) const {
    std::string answer = complete(response, request, cors);
    if (answer.size() > max_answer_bytes) {
        response = http::error_response(entrance_.style(request), 413, too_large_answer);
        answer = complete(response, request, cors);
    }
    const std::string_view client = request.header("X-Forwarded-For");
    on_answered_({.time = began,
                  .client = std::string(client.empty() ? "-" : client),
                  .method = request.method,
                  .target = request.target,
                  .status = response.status,
                  .bytes = response.body.size(),
                  .took = services_.clock.now() - began,
                  .request_id = request.id,
                  .detail = response.log_detail});
    return answer;
}

std::string Function::late_answer(const std::string& id, std::string_view text) const {
    const Event event = parse_event(text);
    http::Request request;
    if (const auto* asked = std::get_if<http::Request>(&event)) request = *asked;
    request.id = id;
    const http::Verdict verdict = entrance_.judge(request);
    http::Response response = http::error_response(entrance_.style(request), 504, out_of_time);
    return complete(response, request, verdict.cors);
}

}  // namespace fadeout::lambda
