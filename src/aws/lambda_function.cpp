#include "aws/lambda_function.h"

#include <algorithm>

#include "aws/service_endpoint.h"
#include "base/error.h"
#include "base/text.h"

namespace fadeout::aws {

namespace {

bool is_word(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
    });
}

bool is_qualifier(std::string_view text) {
    return text == "$LATEST" || is_word(text);
}

}  // namespace

FunctionArn FunctionArn::parse(std::string_view text) {
    const auto parts = split(text, ':');
    const bool valid = (parts.size() == 7 || (parts.size() == 8 && is_qualifier(parts[7]))) &&
                       parts[0] == "arn" && parts[1].starts_with("aws") && is_word(parts[1]) &&
                       parts[2] == "lambda" && is_word(parts[3]) && is_word(parts[4]) &&
                       parts[5] == "function" && is_word(parts[6]);
    if (!valid)
        throw Error(ErrorKind::invalid,
                    "The ARN of a function must look like "
                    "arn:aws:lambda:eu-central-1:123456789012:function:NAME or ...:NAME:QUALIFIER.");
    return {std::string(text), std::string(parts[3])};
}

std::string FunctionArn::endpoint() const {
    return service_endpoint("lambda", region);
}

net::HttpRequest invocation(const FunctionArn& function, std::string_view endpoint, std::string_view body,
                            const Credentials& keys, Time now) {
    const std::string path = "/2015-03-31/functions/" + percent_encode(function.text) + "/invocations";
    const std::size_t host = std::min(endpoint.find("://") + 3, endpoint.size());
    CanonicalRequest canonical{"POST",
                               percent_encode(path, /*keep_slash=*/true),  // all but S3 encode it again
                               {},
                               {},
                               sha256_hex(body)};
    canonical.headers = {{"content-type", "application/json"}, {"x-amz-date", utc_basic_timestamp(now)}};
    if (!keys.session_token.empty())
        canonical.headers.emplace_back("x-amz-security-token", keys.session_token);

    net::HttpRequest request;
    request.method = "POST";
    request.url = std::string(endpoint) + path;
    request.headers = canonical.headers;
    request.body = as_bytes(body);
    canonical.headers.emplace_back("host", endpoint.substr(host));
    request.headers.emplace_back("authorization",
                                 authorization(canonical, keys, now, function.region, "lambda"));
    return request;
}

}  // namespace fadeout::aws
