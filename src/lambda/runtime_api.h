#pragma once
#include <stop_token>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "net/http_client.h"

namespace fadeout::lambda {

struct Invocation {
    std::string id;
    std::string event;     ///< JSON
    Time deadline;         ///< when Lambda ends the work
    std::string trace_id;  ///< of X-Ray; may be empty
};

/// What Lambda shows of something that failed.
struct Failure {
    std::string type;  ///< "Fadeout.unavailable"
    std::string message;

    explicit Failure(const std::exception& exception);
};

/// Client of the Runtime API (AWS Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes",
/// version 2018-06-01). Blocks. What fails is tried again a few times; Error(unavailable) and the like where
/// that did not help, Error(cancelled) after a stop.
class RuntimeApi {
  public:
    /// The variable that names the API's host and port.
    static constexpr const char* variable = "AWS_LAMBDA_RUNTIME_API";

    /// `authority`: "127.0.0.1:9001". `first_pause`: before the first retry; it doubles with each.
    explicit RuntimeApi(const std::string& authority, Duration first_pause = Duration(100));

    /// Waits for the next invocation, however long that takes.
    Invocation next(const std::stop_token& stop);
    void respond(const std::string& id, std::string_view answer);
    void fail(const std::string& id, const Failure& failure);
    /// Instead of the first next(): the function could not be made ready.
    void fail_start(const Failure& failure);

  private:
    void post(const std::string& path, std::string_view body, const Failure* failure);
    net::HttpResponse exchange(const net::HttpRequest& request);

    net::HttpClient client_;
    std::string root_;  ///< URL without a slash at its end
    Duration first_pause_;
};

}  // namespace fadeout::lambda
