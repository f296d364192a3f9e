#pragma once
#include <boost/json/object.hpp>
#include <string>

#include "aws/retry.h"
#include "base/clock.h"
#include "base/error.h"
#include "net/http_client.h"
#include "records/dynamodb/url.h"

namespace fadeout::records::dynamodb {

/// What the service said to one request.
struct Answer {
    int status = 0;
    std::string error{};    ///< "ResourceNotFoundException", or "HTTP 503" where it named none; empty: none
    std::string message{};  ///< of the error, for the log
    std::string date{};     ///< its Date header
    boost::json::object body{};
};

/// Takes a response apart. A success whose body is not JSON, or is an error's, is an error.
Answer read_answer(const net::HttpResponse& response);

/// Whether the same request may fare better.
aws::Retry retry_of(const Answer& answer) noexcept;

/// An error that was answered, in words that say how to mend it: misconfigured where a person must mend it,
/// unavailable where waiting does; internal where the service does not understand the request.
Error failure_of(const Answer& answer, const TableAddress& address, Time now);

}  // namespace fadeout::records::dynamodb
