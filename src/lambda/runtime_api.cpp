#include "lambda/runtime_api.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>
#include <thread>

#include "base/text.h"
#include "service/json_text.h"

namespace fadeout::lambda {

namespace {

constexpr int attempts = 5;
/// An instance that waits for work is ended or frozen by Lambda long before.
constexpr Duration without_end = std::chrono::hours(24 * 20);
/// What an invocation gets whose deadline cannot be read: Lambda's longest.
constexpr Duration longest_invocation = std::chrono::minutes(15);

Time deadline_of(std::string_view milliseconds) {
    long long count = 0;
    const auto [end, error] =
        std::from_chars(milliseconds.data(), milliseconds.data() + milliseconds.size(), count);
    if (error != std::errc() || count <= 0) return SystemClock().now() + longest_invocation;
    return Time(Duration(count));
}

std::string failure_json(const Failure& failure) {
    return service::json_text(boost::json::object{{"errorMessage", failure.message},
                                                  {"errorType", failure.type},
                                                  {"stackTrace", boost::json::array()}});
}

}  // namespace

Failure::Failure(const std::exception& exception) : type("Fadeout.internal"), message(exception.what()) {
    if (const auto* error = dynamic_cast<const Error*>(&exception))
        type = "Fadeout." + std::string(name(error->kind()));
}

RuntimeApi::RuntimeApi(const std::string& authority, Duration first_pause)
    : root_("http://" + authority + "/2018-06-01/runtime"), first_pause_(first_pause) {}

Invocation RuntimeApi::next(const std::stop_token& stop) {
    net::HttpResponse response = exchange({.method = "GET",
                                           .url = root_ + "/invocation/next",
                                           .headers = {},
                                           .timeout = without_end,
                                           .stall = without_end,
                                           .stop = stop});
    Invocation invocation{.id = std::string(response.header("lambda-runtime-aws-request-id")),
                          .event = std::move(response.body),
                          .deadline = deadline_of(response.header("lambda-runtime-deadline-ms")),
                          .trace_id = std::string(response.header("lambda-runtime-trace-id"))};
    if (invocation.id.empty())
        throw Error(ErrorKind::bad_source, "The Lambda Runtime API named no request id.");
    return invocation;
}

void RuntimeApi::respond(const std::string& id, std::string_view answer) {
    post("/invocation/" + id + "/response", answer, nullptr);
}

void RuntimeApi::fail(const std::string& id, const Failure& failure) {
    post("/invocation/" + id + "/error", failure_json(failure), &failure);
}

void RuntimeApi::fail_start(const Failure& failure) {
    post("/init/error", failure_json(failure), &failure);
}

void RuntimeApi::post(const std::string& path, std::string_view body, const Failure* failure) {
    net::HttpRequest request{.method = "POST",
                             .url = root_ + path,
                             .headers = {{"Content-Type", "application/json"}},
                             .body = as_bytes(body)};
    if (failure != nullptr) request.headers.emplace_back("Lambda-Runtime-Function-Error-Type", failure->type);
    exchange(request);
}

net::HttpResponse RuntimeApi::exchange(const net::HttpRequest& request) {
    const auto attempt = [&] {
        net::HttpResponse response = client_.send(request);
        if (response.status < 200 || response.status >= 300)
            throw Error(response.status < 500 ? ErrorKind::internal : ErrorKind::unavailable,
                        "The Lambda Runtime API answered " + std::to_string(response.status) + ".",
                        request.url + ": " + response.body);
        return response;
    };
    Duration pause = first_pause_;
    for (int i = 1; i < attempts; ++i) {
        try {
            return attempt();
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::unavailable && error.kind() != ErrorKind::timeout) throw;
        }
        std::this_thread::sleep_for(pause);
        pause *= 2;
    }
    return attempt();
}

}  // namespace fadeout::lambda
