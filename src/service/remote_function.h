#pragma once
#include <boost/json/object.hpp>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "aws/credentials.h"
#include "aws/lambda_function.h"
#include "base/clock.h"
#include "net/http_client.h"
#include "service/remote_answer.h"

namespace fadeout::service {

struct RemoteFunctionOptions {
    std::string address;  ///< an http(s) URL, or the ARN of an AWS Lambda function
    Duration timeout{std::chrono::seconds(300)};
    std::shared_ptr<aws::CredentialsProvider> credentials{};  ///< for an ARN; not used otherwise
    std::string lambda_endpoint{};  ///< for an ARN: instead of Amazon's own; empty: Amazon's
};

/// A transcoding function somewhere else, with the API of POST /transcode. Thread-safe; blocks. Its address
/// is the operator's word, and is not held against the address policy.
class RemoteFunction {
  public:
    static constexpr std::size_t max_answer_bytes = 1 << 20;

    /// Error(invalid) for an ARN that names no function, and for what is no URL.
    RemoteFunction(RemoteFunctionOptions options, const Clock& clock);

    /// Sends `request` (the body of POST /transcode) and waits for the answer. Error(unavailable),
    /// Error(timeout), Error(bad_source) for what is no answer, Error(cancelled).
    RemoteAnswer transcode(const boost::json::object& request, std::stop_token stop);
    Duration timeout() const noexcept { return options_.timeout; }

  private:
    net::HttpRequest post(std::string_view body) const;

    const RemoteFunctionOptions options_;
    const Clock& clock_;
    const std::optional<aws::FunctionArn> arn_;
    net::HttpClient http_{max_answer_bytes};
};

/// Where a function at `url` is posted to: with /transcode where the URL has no path, otherwise as it is.
std::string transcode_url(std::string_view url);

}  // namespace fadeout::service
