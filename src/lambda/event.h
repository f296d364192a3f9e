#pragma once
#include <string>
#include <string_view>
#include <variant>

#include "http/message.h"

namespace fadeout::lambda {

/// EventBridge's "Scheduled Event": time to sweep.
struct SweepEvent {};

using Event = std::variant<http::Request, SweepEvent>;

/// What the JSON of an invocation asks for. Understood are the proxy events of API Gateway (REST API: payload
/// format 1.0; HTTP API and function URL: format 2.0; source: AWS Lambda Developer Guide and API Gateway
/// Developer Guide, "payload format version"), scheduled events ("source": "aws.events"), and a bare request
/// body, which goes to POST /transcode. An event that has a body but no path does, too. Error(invalid) for
/// text that is no JSON object, or members of another type.
Event parse_event(std::string_view json);

/// {"statusCode", "headers", "body", "isBase64Encoded"}: the answer that all of those gateways take. A body
/// that is not UTF-8 goes as base64. Reads `status`, `headers` and `body` only.
std::string format_answer(const http::Response& response);

}  // namespace fadeout::lambda
