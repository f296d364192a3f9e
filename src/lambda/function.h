#pragma once
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "http/access_log.h"
#include "http/entrance.h"
#include "http/options.h"
#include "service/services.h"

namespace fadeout::lambda {

/// All routes of the server. Where jobs would lie in this instance's own files, which nobody runs and which
/// end with it, those that accept one answer 501 instead.
std::vector<http::Route> routes(service::Services& services, const http::Limits& limits,
                                bool has_shared_queue);

/// Answers events, each within the thread that calls. Thread-safe.
class Function {
  public:
    /// A synchronous invocation's answer may be 6 MB of JSON (AWS Lambda Developer Guide, "Lambda quotas").
    static constexpr std::size_t max_answer_bytes = 6 << 20;

    using OnAnswered = std::function<void(const http::AccessEntry&)>;
    /// `services` must outlive it; `on_answered` hears of each request.
    Function(service::Services& services, http::Entrance entrance, OnAnswered on_answered);

    /// The JSON that the invocation `id` is answered with: to a request one of format_answer(), whatever goes
    /// wrong with it; to a scheduled event the sweep's summary. `stop` is requested when the time is nearly
    /// up: the work ends, leaves nothing half-written, and the answer is 504. Error where a sweep fails.
    std::string handle(const std::string& id, std::string_view event, std::stop_token stop);

    /// What the same invocation is answered with while its work goes on, where that did not end in time.
    std::string late_answer(const std::string& id, std::string_view event) const;

  private:
    http::Response answer(const http::Request& request, http::Verdict& verdict,
                          const std::stop_token& stop) const;
    std::string finish(const http::Request& request, const http::Fields& cors, http::Response response,
                       Time began) const;

    service::Services& services_;
    http::Entrance entrance_;
    OnAnswered on_answered_;
};

}  // namespace fadeout::lambda
