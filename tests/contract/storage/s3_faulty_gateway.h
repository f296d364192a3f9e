#pragma once
#include <atomic>
#include <mutex>
#include <string>
#include <vector>

#include "net/http_client.h"
#include "net/test_server.h"
#include "s3_server.h"

namespace fadeout::storage {

/// What goes wrong with a request that a Trouble applies to.
enum class Harm {
    slow_down_condition,        ///< the same, but only of requests with If-None-Match
    slow_down,                  ///< 503 SlowDown; the request does not reach the store
    error_inside,               ///< 200 with an <Error> in it; the request does not reach the store
    broken_answer,              ///< the answer breaks off; the request does not reach the store
    lost_answer,                ///< the request is carried out, then the answer breaks off
    half_body,                  ///< carried out; the answer's body breaks off in the middle
    silence,                    ///< no answer, the connection stays
    flipped_bit,                ///< a bit of the request's body changes on its way to the store
    access_denied,              ///< 403 AccessDenied
    conditional_conflict,       ///< 409 ConditionalRequestConflict
    precondition_failed,        ///< 412 PreconditionFailed
    not_implemented_condition,  ///< 501 NotImplemented where the request has an If-None-Match; else nothing
};

struct Trouble {
    std::string method;  ///< "PUT"
    std::string target;  ///< part of the request's path and query
    Harm harm;
    int times;  ///< so many requests, then no more
};

/// Stands between a store and the S3 server, and makes trouble as it is told.
class FaultyGateway {
  public:
    explicit FaultyGateway(std::vector<Trouble> troubles)
        : troubles_(std::move(troubles)),
          server_([this](const net::TestRequest& request) { return answer(request); }) {}

    /// Options for a new bucket, through this gateway.
    S3Options options() const {
        S3Options options = new_bucket();
        options.location.endpoint = server_.url();
        options.stall = Duration(500);
        return options;
    }

    int harmed() const { return harmed_; }
    std::vector<net::TestRequest> requests() const { return server_.requests(); }

  private:
    net::TestAnswer answer(const net::TestRequest& request);
    net::TestAnswer forward(const net::TestRequest& request, std::string body);

    net::HttpClient client_{64 << 20};
    std::vector<Trouble> troubles_;
    std::atomic<int> harmed_ = 0;
    net::TestServer server_;
};

}  // namespace fadeout::storage
