#include "s3_faulty_gateway.h"

#include <algorithm>

namespace fadeout::storage {

net::TestAnswer FaultyGateway::forward(const net::TestRequest& request, std::string body) {
    net::HttpRequest onward;
    onward.method = request.method;
    onward.url = S3Server::shared().endpoint() + request.target;
    for (const auto& [name, value] : request.headers)
        if (name != "content-length" && name != "accept") onward.headers.emplace_back(name, value);
    onward.body = as_bytes(body);
    const net::HttpResponse response = client_.send(onward);
    net::TestAnswer answer{std::to_string(response.status) + " From The Store", {}, response.body};
    for (const auto& [name, value] : response.headers)
        if (name != "connection" && name != "transfer-encoding")
            answer.headers.push_back(name + ": " + value);
    if (response.header("content-length").empty() && request.method != "HEAD")
        answer.headers.push_back("content-length: " + std::to_string(response.body.size()));
    return answer;
}

net::TestAnswer FaultyGateway::answer(const net::TestRequest& request) {
    const auto trouble = std::find_if(troubles_.begin(), troubles_.end(), [&](const Trouble& t) {
        const bool concerned =
            (t.harm != Harm::not_implemented_condition && t.harm != Harm::slow_down_condition) ||
            !request.header("if-none-match").empty();
        return t.times > 0 && concerned && t.method == request.method &&
               request.target.find(t.target) != std::string::npos;
    });
    if (trouble == troubles_.end()) return forward(request, request.body);
    --trouble->times;
    ++harmed_;
    const net::TestAnswer broken{"200 OK", {"Content-Length: 1000"}, "<"};
    switch (trouble->harm) {
        case Harm::slow_down:
        case Harm::slow_down_condition:
            return {"503 Slow Down", {}, "<Error><Code>SlowDown</Code></Error>"};
        case Harm::error_inside:
            return net::whole("<?xml version=\"1.0\"?>\n<Error><Code>InternalError</Code></Error>");
        case Harm::access_denied:
            return {"403 Forbidden", {}, "<Error><Code>AccessDenied</Code></Error>"};
        case Harm::conditional_conflict:
            return {"409 Conflict", {}, "<Error><Code>ConditionalRequestConflict</Code></Error>"};
        case Harm::precondition_failed:
            return {"412 Precondition Failed", {}, "<Error><Code>PreconditionFailed</Code></Error>"};
        case Harm::not_implemented_condition:
            return {"501 Not Implemented", {}, "<Error><Code>NotImplemented</Code></Error>"};
        case Harm::broken_answer:
            return broken;
        case Harm::lost_answer:
            forward(request, request.body);
            return broken;
        case Harm::half_body: {
            net::TestAnswer answer = forward(request, request.body);
            answer.body.resize(answer.body.size() / 2);
            return answer;
        }
        case Harm::silence:
            return {"102 Processing", {}, "", true};
        case Harm::flipped_bit: {
            std::string body = request.body;
            body.at(body.size() / 2) ^= 1;
            return forward(request, std::move(body));
        }
    }
    return broken;
}

}  // namespace fadeout::storage
