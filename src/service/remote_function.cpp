#include "service/remote_function.h"

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "base/error.h"
#include "net/http_url.h"

namespace fadeout::service {

namespace {

constexpr std::string_view path = "/transcode";

std::optional<aws::FunctionArn> parse_arn(const std::string& address) {
    if (address.starts_with("arn:")) return aws::FunctionArn::parse(address);
    if (!net::HttpUrl::parse(address))
        throw Error(ErrorKind::invalid,
                    "processor.url is neither an http:// or https:// URL nor the ARN of a Lambda function.");
    return std::nullopt;
}

/// What API Gateway would hand to the function.
std::string event(const std::string& body) {
    return boost::json::serialize(
        boost::json::object{{"path", path}, {"httpMethod", "POST"}, {"body", body}});
}

}  // namespace

std::string transcode_url(std::string_view url) {
    const std::size_t host = std::min(url.find("://") + 3, url.size());
    const std::size_t end = std::min(url.find_first_of("/?", host), url.size());
    const std::size_t query = std::min(url.find('?', end), url.size());
    if (query - end > 1) return std::string(url);
    return std::string(url.substr(0, end)) + std::string(path) + std::string(url.substr(query));
}

RemoteFunction::RemoteFunction(RemoteFunctionOptions options, const Clock& clock)
    : options_(std::move(options)), clock_(clock), arn_(parse_arn(options_.address)) {}

net::HttpRequest RemoteFunction::post(std::string_view body) const {
    if (arn_)
        return aws::invocation(*arn_,
                               options_.lambda_endpoint.empty() ? arn_->endpoint() : options_.lambda_endpoint,
                               body, options_.credentials->get().keys, clock_.now());
    net::HttpRequest request;
    request.method = "POST";
    request.url = transcode_url(options_.address);
    request.headers = {{"content-type", "application/json"}, {"accept", "application/json"}};
    request.body = as_bytes(body);
    return request;
}

RemoteAnswer RemoteFunction::transcode(const boost::json::object& request, std::stop_token stop) {
    std::string body = boost::json::serialize(request);
    if (arn_) body = event(body);
    net::HttpRequest http = post(body);
    http.timeout = options_.timeout;
    http.stall = 2 * options_.timeout;  // never: it says nothing while it works
    http.stop = std::move(stop);
    const net::HttpResponse response = http_.send(http);
    RemoteAnswer answer = parse_remote_answer(response.status, response.body);
    if (const auto failure = response.header("x-amz-function-error"); !failure.empty())
        throw Error(ErrorKind::bad_source, "The remote function failed (" + std::string(failure) + ").");
    return answer;
}

}  // namespace fadeout::service
