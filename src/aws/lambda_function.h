#pragma once
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "aws/credentials.h"
#include "base/clock.h"
#include "net/http_client.h"

namespace fadeout::aws {

/// "arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]", taken apart.
struct FunctionArn {
    std::string text;
    std::string region;

    /// Error(invalid) for every other text.
    static FunctionArn parse(std::string_view text);
    /// "https://lambda.REGION.amazonaws.com"
    std::string endpoint() const;
};

/// The signed request that invokes a function and waits for its answer. `body` is the function's event and
/// must stay valid as long as the request. `endpoint` without '/' at its end. Source: AWS Lambda API
/// Reference, "Invoke"; AWS General Reference, "Create a signed AWS API request".
net::HttpRequest invocation(const FunctionArn& function, std::string_view endpoint, std::string_view body,
                            const Credentials& keys, Time now);

}  // namespace fadeout::aws
