#include "storage/s3/client.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/pause.h"
#include "base/text.h"
#include "storage/s3/digest.h"
#include "storage/s3/xml.h"

namespace fadeout::storage::s3 {

namespace {

std::string_view text(Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string encode_query(const aws::NameValues& query) {
    std::string out;
    for (const auto& [name, value] : query)
        out += (out.empty() ? "?" : "&") + percent_encode(name) + "=" + percent_encode(value);
    return out;
}

/// CompleteMultipartUpload and DeleteObjects begin their answer before they know how it ends.
std::optional<Fault> fault_of(const Request& request, const net::HttpResponse& response) {
    const bool good = response.status >= 200 && response.status < 300;
    if (good && request.method != "POST") return std::nullopt;
    auto fault = parse_fault(response.status, response.body);
    if (good || fault) return fault;
    return Fault{response.status, {}, {}, std::string(response.header("x-amz-bucket-region")), {}};
}

/// The signed SHA-256 is verified by Amazon and Ceph, so that a second digest would only cost time.
/// DeleteObjects wants one all the same, and R2 documents none but this one.
bool needs_md5(const Request& request, const S3Location& location) {
    return !request.body.empty() && (request.method == "POST" || location.provider == "r2");
}

std::string outlives(Duration link, Duration credentials) {
    if (credentials <= Duration::zero())
        return "The store's credentials have ended, so that no link can be made. Renew them.";
    const auto minutes = std::chrono::floor<std::chrono::minutes>(credentials);
    return fmt::format(
        "A link of {} would outlive the store's credentials, which end in {}. Use long-lived keys, or "
        "shorter "
        "links.",
        format_duration(link),
        format_duration(minutes > std::chrono::minutes(1)
                            ? Duration(minutes)
                            : std::chrono::floor<std::chrono::seconds>(credentials)));
}

bool is_of_the_network(const Error& error) {
    return error.kind() == ErrorKind::unavailable || error.kind() == ErrorKind::timeout;
}

}  // namespace

Client::Client(ClientOptions options, const Clock& clock)
    : options_(std::move(options)), clock_(clock), endpoint_(options_.location) {}

Client Client::within(Duration limit) const {
    ClientOptions limited = options_;
    limited.deadline = Deadline(limit);
    return Client(std::move(limited), clock_);
}

Answer Client::send(const Request& request) {
    aws::Retries retries(quota_, options_.retry);
    const std::string payload_hash = aws::sha256_hex(text(request.body));
    while (true) {
        std::optional<Duration> wait;
        try {
            Answer answer{send_once(request, payload_hash), {}};
            answer.fault = fault_of(request, answer.http);
            if (answer.fault) answer.fault->url = endpoint_.origin() + endpoint_.path_of(request.key);
            if (answer.ok()) retries.succeeded();
            if (answer.ok()) return answer;
            const auto asked_for =
                aws::retry_after(answer.http.header("x-amz-retry-after"), answer.http.header("retry-after"));
            wait = retries.next(aws::classify(answer.fault->status, answer.fault->code), asked_for);
            if (!wait || *wait >= options_.deadline.left()) return answer;
        } catch (const Error& error) {
            if (!is_of_the_network(error)) throw;
            wait = retries.next(aws::Retry::transient);
            if (!wait || *wait >= options_.deadline.left())
                throw Error(ErrorKind::unavailable, error.what(), error.detail());
        }
        pause(*wait, request.stop);
        require_going_on(request.stop, "request to the object store");
    }
}

net::HttpResponse Client::send_once(const Request& request, const std::string& payload_hash) {
    const Time now = clock_.now();
    const aws::Credentials keys = options_.credentials->get().keys;
    aws::CanonicalRequest canonical{request.method, endpoint_.path_of(request.key), request.query,
                                    request.headers, payload_hash};
    canonical.headers.emplace_back("x-amz-date", utc_basic_timestamp(now));
    canonical.headers.emplace_back("x-amz-content-sha256", payload_hash);
    if (!keys.session_token.empty())
        canonical.headers.emplace_back("x-amz-security-token", keys.session_token);
    if (needs_md5(request, options_.location))
        canonical.headers.emplace_back("content-md5", content_md5(request.body));

    net::HttpRequest http;
    http.method = request.method;
    http.url = endpoint_.origin() + canonical.path + encode_query(request.query);
    http.headers = canonical.headers;
    http.body = request.body;
    http.timeout = std::clamp(options_.deadline.left(), Duration(1), options_.timeout);
    http.stall = options_.stall;
    http.stop = request.stop;
    http.peer = "The object store";
    canonical.headers.emplace_back("host", endpoint_.host());
    http.headers.emplace_back("authorization",
                              aws::authorization(canonical, keys, now, options_.location.region, "s3"));
    return http_.send(http);
}

net::HttpResponse Client::require(const Request& request, std::string_view doing) {
    Answer answer = send(request);
    if (answer.fault) throw to_error(*answer.fault, doing);
    return std::move(answer.http);
}

std::optional<Duration> Client::link_life(Duration wanted) {
    constexpr std::chrono::seconds until_signed{1};
    const aws::TimedCredentials credentials = options_.credentials->get(wanted + until_signed);
    if (credentials.end_is_unknown()) return std::nullopt;
    if (!credentials.expires) return wanted;
    const auto left = std::chrono::floor<std::chrono::seconds>(*credentials.expires - clock_.now());
    return std::min<Duration>(wanted, left - until_signed);
}

std::string Client::presign(std::string_view method, const std::string& key, Duration expires,
                            const aws::NameValues& query, const aws::NameValues& headers) {
    const Time now = clock_.now();
    const aws::TimedCredentials credentials = options_.credentials->get(expires);
    if (credentials.expires && *credentials.expires < now + expires)
        throw Error(ErrorKind::misconfigured, outlives(expires, *credentials.expires - now));
    const std::string path = endpoint_.path_of(key);
    return endpoint_.origin() + path + "?" +
           aws::presign(method, path, expires, {endpoint_.host(), options_.location.region, "s3"},
                        credentials.keys, now, query, headers);
}

}  // namespace fadeout::storage::s3
