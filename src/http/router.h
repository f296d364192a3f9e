#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "http/message.h"

namespace fadeout::http {

/// Where a handler runs. Each pool is small and bounded by itself, so that slow work cannot starve quick
/// answers.
enum class Lane {
    immediate,  ///< on the event loop: only what never waits
    fast,       ///< records, jobs, links, uploads
    speech,     ///< synchronous speech
    slow,       ///< transcodes and waveforms
};

enum class Access {
    key,   ///< an API key where any is configured
    open,  ///< nothing: health, and links that carry their own signature
};

/// `stop` is requested when the client has gone, the time is up, or the server leaves.
using Handler = std::function<Response(const Request&, std::stop_token stop)>;
/// Begins to take a body that is not kept in memory.
using Receive = std::function<std::unique_ptr<BodyReceiver>(const Request&)>;

struct Route {
    std::string method;
    std::string pattern;  ///< "/v1/jobs/{id}"; a last segment "{name...}" takes the rest of the path
    Lane lane = Lane::fast;
    Access access = Access::key;
    std::uint64_t max_body_bytes = 0;
    bool any_origin = false;  ///< CORS: "*" whatever is configured
    Handler handle;
    Receive receive;  ///< instead of `handle`
};

struct NotFound {};
struct MethodNotAllowed {
    std::string allow;  ///< for the Allow field: "GET, HEAD, POST"
    bool any_origin = false;
};
struct Match {
    const Route* route;  ///< of the router
    Fields params;
};

/// Which route answers a method and a path. GET routes answer HEAD too, where no route of its own does.
class Router {
  public:
    explicit Router(std::vector<Route> routes) : routes_(std::move(routes)) {}

    /// `path` as it stands in the request line. A literal segment wins over a {name} at the same place.
    std::variant<Match, MethodNotAllowed, NotFound> match(std::string_view method,
                                                          std::string_view path) const;
    const std::vector<Route>& routes() const noexcept { return routes_; }

  private:
    std::vector<Route> routes_;
};

}  // namespace fadeout::http
