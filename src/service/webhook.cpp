#include "service/webhook.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <charconv>

#include "aws/sigv4.h"
#include "base/base64.h"
#include "base/error.h"
#include "base/http_date.h"
#include "base/text.h"
#include "jobs/asked_to_wait.h"
#include "service/fields.h"
#include "service/jobs.h"
#include "service/json_text.h"

namespace fadeout::service {

namespace {

using namespace std::chrono_literals;

constexpr Duration attempt_timeout = 15s;
constexpr int status_too_many = 429, status_unavailable = 503, status_gone = 410;
constexpr Duration longest_wait = 24h;

/// In the terms of who looks after the endpoint.
Error why_not_sent(const Error& failure) {
    switch (failure.kind()) {
        case ErrorKind::denied:
            return {ErrorKind::denied,
                    "The endpoint's address is not public; allow it with --source-allow and send again.",
                    failure.detail()};
        case ErrorKind::timeout:
            return {ErrorKind::timeout,
                    fmt::format("The endpoint did not answer within {}.", format_duration(attempt_timeout)),
                    failure.detail()};
        case ErrorKind::unavailable:
            return {ErrorKind::unavailable,
                    "The endpoint could not be reached, its certificate is not valid, or it broke off.",
                    failure.detail()};
        default:
            return failure;
    }
}

net::HttpResponse post(net::HttpClient& client, const net::HttpRequest& request) {
    try {
        return client.send(request);
    } catch (const Error& failure) {
        throw why_not_sent(failure);
    }
}

boost::json::object deliver(const jobs::Job& job, const boost::json::object& delivery,
                            const WebhookSecrets& secrets, net::HttpClient& client, Time now,
                            std::stop_token stop) {
    const std::string url = string_member(delivery, "url").value();
    const std::vector<std::string> keys = secrets.keys_for(url);
    if (keys.empty())
        throw Error(ErrorKind::unavailable,
                    "There is no secret for the endpoint on the node that tried. Add it to the file that "
                    "webhooks.secret_file names.");
    const std::string message = json_text(delivery.at("message"));
    net::HttpRequest request;
    request.method = "POST";
    request.url = url;
    request.headers = {{"Content-Type", "application/json"},
                       {"webhook-id", job.id},
                       {"webhook-timestamp", std::to_string(unix_seconds(now))},
                       {"webhook-signature", webhook_signature(keys, job.id, now, message)}};
    request.body = as_bytes(message);
    request.timeout = request.stall = attempt_timeout;
    request.stop = std::move(stop);
    request.wants_body = false;
    const net::HttpResponse answer = post(client, request);
    const int status = answer.status;
    if (status >= 200 && status < 300) return {{"status", status}};
    if (status == status_gone)
        throw Error(ErrorKind::not_found, "The endpoint answered 410: it wants no more of this.");
    const Error failure(ErrorKind::bad_source, fmt::format("The endpoint answered {}.", status));
    const Duration wait = wait_asked_for(status, answer.header("retry-after"), now);
    if (wait > 0s) throw jobs::AskedToWait(failure, wait);
    throw failure;
}

}  // namespace

std::optional<jobs::NewJob> webhook_after(const jobs::Job& ended) {
    if (ended.payload.find("\"webhook\"") == std::string::npos)
        return std::nullopt;  // spares most the parsing
    const boost::json::object body = boost::json::parse(ended.payload).as_object();
    const auto* url = body.if_contains("webhook");
    if (url == nullptr || !url->is_string()) return std::nullopt;
    boost::json::object data = to_json(ended);
    data.erase("webhook");  // is made by this very write
    const boost::json::object message{{"type", fmt::format("job.{}", jobs::name(ended.state))},
                                      {"timestamp", utc_timestamp(ended.updated_at)},
                                      {"data", std::move(data)}};
    return jobs::NewJob{.type = std::string(webhook_type),
                        .payload = json_text(boost::json::object{{"url", *url}, {"message", message}}),
                        .run_at = std::nullopt,
                        .idempotency_key = {}};
}

boost::json::object describe_delivery(const jobs::Job& delivery) {
    const boost::json::value payload = boost::json::parse(delivery.payload);
    const boost::json::value& message = payload.at("message");
    return {
        {"url", payload.at("url")}, {"event", message.at("type")}, {"job_id", message.at("data").at("id")}};
}

std::string webhook_signature(const std::vector<std::string>& keys, std::string_view id, Time timestamp,
                              std::string_view body) {
    const std::string text = fmt::format("{}.{}.{}", id, unix_seconds(timestamp), body);
    std::string value;
    for (const std::string& key : keys)
        value += (value.empty() ? "v1," : " v1,") + base64_encode(aws::hmac_sha256(key, text));
    return value;
}

std::vector<Duration> webhook_delays() {
    return {5s, 5min, 30min, 2h, 5h, 10h};
}

Duration wait_asked_for(int status, std::string_view retry_after, Time now) {
    if (status != status_too_many && status != status_unavailable) return 0s;
    if (const auto date = parse_http_date(retry_after))
        return std::clamp<Duration>(*date - now, 0s, longest_wait);
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (retry_after.empty() || !std::ranges::all_of(retry_after, is_digit)) return 0s;
    std::int64_t seconds = 0;
    const auto [_, error] =
        std::from_chars(retry_after.data(), retry_after.data() + retry_after.size(), seconds);
    const bool fits = error == std::errc() && seconds < longest_wait / 1s;
    return fits ? Duration(std::chrono::seconds(seconds)) : longest_wait;
}

JobType webhook_job(const WebhookSecrets& secrets, net::HttpClient& client, const Clock& clock) {
    return {.name = std::string(webhook_type),
            .check = nullptr,
            .run =
                [&secrets, &client, &clock](const jobs::Job& job, const boost::json::object& delivery,
                                            const audio::OnProgress&, std::stop_token stop) {
                    return deliver(job, delivery, secrets, client, clock.now(), std::move(stop));
                },
            .retry_delays = webhook_delays()};
}

}  // namespace fadeout::service
