#include "records/dynamodb/client.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <thread>

namespace fadeout::records::dynamodb {

namespace json = boost::json;

namespace {

/// A page is 1 MiB of items at most, of which a byte may take six in JSON.
constexpr std::size_t max_answer_bytes = 8 << 20;

bool is_passing(const Error& error) {
    return error.kind() == ErrorKind::unavailable || error.kind() == ErrorKind::timeout;
}

}  // namespace

Client::Client(TableAddress address, std::shared_ptr<aws::CredentialsProvider> credentials,
               const Clock& clock, ClientOptions options)
    : address_(std::move(address)),
      credentials_(std::move(credentials)),
      clock_(clock),
      options_(std::move(options)),
      http_(max_answer_bytes) {
    if (!options_.wait) options_.wait = [](Duration duration) { std::this_thread::sleep_for(duration); };
}

Client Client::within(Duration limit) const {
    ClientOptions limited = options_;
    limited.deadline = Deadline(limit);
    return Client(address_, credentials_, clock_, std::move(limited));
}

Answer Client::attempt(std::string_view operation, const std::string& body, const aws::Credentials& keys) {
    const Time now = clock_.now();
    aws::CanonicalRequest canonical{
        .method = "POST",
        .path = "/",
        .query = {},
        .headers = {{"content-type", "application/x-amz-json-1.0"},
                    {"host", std::string(address_.host())},
                    {"x-amz-date", utc_basic_timestamp(now)},
                    {"x-amz-target", fmt::format("DynamoDB_20120810.{}", operation)}},
        .payload_hash = aws::sha256_hex(body)};
    if (!keys.session_token.empty())
        canonical.headers.emplace_back("x-amz-security-token", keys.session_token);
    aws::NameValues headers = canonical.headers;
    headers.emplace_back("authorization",
                         aws::authorization(canonical, keys, now, address_.region, "dynamodb"));
    return read_answer(
        http_.send({.method = "POST",
                    .url = address_.endpoint + "/",
                    .headers = std::move(headers),
                    .body = as_bytes(body),
                    .timeout = std::clamp(options_.deadline.left(), Duration(1), options_.timeout),
                    .stall = options_.stall,
                    .peer = "The record store"}));
}

Answer Client::ask(std::string_view operation, const json::object& request) {
    const std::string body = json::serialize(request);
    const aws::Credentials credentials = credentials_->get().keys;
    aws::Retries attempts = retries();
    for (;;) {
        std::optional<Duration> delay;
        try {
            Answer answer = attempt(operation, body, credentials);
            if (answer.error.empty()) attempts.succeeded();
            delay = attempts.next(retry_of(answer));
            if (!delay || *delay >= options_.deadline.left()) return answer;
        } catch (const Error& error) {
            if (!is_passing(error)) throw;
            delay = attempts.next(aws::Retry::transient);
            if (!delay || *delay >= options_.deadline.left())
                throw Error(ErrorKind::unavailable, error.what(), error.detail());
        }
        wait(*delay);
    }
}

json::object Client::call(std::string_view operation, const json::object& request) {
    Answer answer = ask(operation, request);
    if (!answer.error.empty()) throw failure(answer);
    return std::move(answer.body);
}

}  // namespace fadeout::records::dynamodb
