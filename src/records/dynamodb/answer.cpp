#include "records/dynamodb/answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>

namespace fadeout::records::dynamodb {

namespace json = boost::json;

namespace {

/// A success whose body is not JSON: something between broke it.
constexpr std::string_view unreadable = "unreadable answer";

struct Advice {
    std::string_view error;
    std::string_view text;
    ErrorKind kind = ErrorKind::misconfigured;
};

/// Source: Amazon DynamoDB Developer Guide, "Error handling with DynamoDB"; API Reference, "Common Errors".
constexpr std::array advices{
    Advice{
        "ResourceNotFoundException",
        "The table of the records does not exist. Create it with 'fadeout tables create', or check the name "
        "and the region in the records' URL."},
    Advice{
        "UnrecognizedClientException",
        "The record store does not know the access key. Check AWS_ACCESS_KEY_ID, AWS_SESSION_TOKEN and the "
        "region."},
    Advice{
        "InvalidSignatureException",
        "The record store refuses the signature: the secret access key is not that of the access key. Check "
        "AWS_SECRET_ACCESS_KEY."},
    Advice{"ExpiredTokenException", "The credentials for the record store have ended. Renew them."},
    Advice{"MissingAuthenticationTokenException",
           "The record store asks for credentials. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."},
    Advice{
        "AccessDeniedException",
        "The credentials lack a permission on the table of the records. Allow PutItem, GetItem, Query, Scan, "
        "DeleteItem, BatchWriteItem and DescribeTable; 'fadeout tables create' also needs CreateTable, "
        "DescribeTimeToLive and UpdateTimeToLive."},
    Advice{"ResourceInUseException", "The table of the records is being changed. Try again in a minute.",
           ErrorKind::unavailable},
    Advice{"UnknownOperationException", "The endpoint of the records lacks an operation that is needed."},
    Advice{unreadable, "The record store gave an answer that cannot be read. Try again.",
           ErrorKind::unavailable},
};

std::string member(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

/// "ThrottlingException" of "com.amazonaws.dynamodb.v20120810#ThrottlingException" and of
/// "ThrottlingException:http://...".
std::string short_name(std::string_view type) {
    type = type.substr(0, type.find(':'));
    return std::string(type.substr(type.find('#') + 1));
}

/// The words of "Signature expired: ... is now earlier than ..." and "Signature not yet current: ...".
bool is_about_the_clock(const Answer& answer) {
    return answer.error == "InvalidSignatureException" &&
           (answer.message.starts_with("Signature expired") ||
            answer.message.starts_with("Signature not yet current"));
}

std::string detail_of(const Answer& answer, const TableAddress& address) {
    return fmt::format("table {} in {} at {}: {}{}{}", address.table, address.region, address.endpoint,
                       answer.error, answer.message.empty() ? "" : ": ", answer.message);
}

}  // namespace

Answer read_answer(const net::HttpResponse& response) {
    Answer answer{.status = response.status, .date = std::string(response.header("date"))};
    boost::system::error_code failure;
    json::value body = json::parse(response.body, failure);
    const bool is_object = !failure && body.is_object();
    if (is_object) answer.body = std::move(body.get_object());

    std::string type = member(answer.body, "__type");
    if (type.empty()) type = response.header("x-amzn-errortype");
    if (!type.empty())
        answer.error = short_name(type);
    else if (response.status != 200)
        answer.error = fmt::format("HTTP {}", response.status);
    else if (!is_object)
        answer.error = unreadable;
    answer.message = member(answer.body, answer.body.contains("message") ? "message" : "Message");
    return answer;
}

aws::Retry retry_of(const Answer& answer) noexcept {
    if (answer.error.empty()) return aws::Retry::no;
    return answer.error == unreadable ? aws::Retry::transient : aws::classify(answer.status, answer.error);
}

Error failure_of(const Answer& answer, const TableAddress& address, Time now) {
    const std::string detail = detail_of(answer, address);
    if (is_about_the_clock(answer))
        return {ErrorKind::misconfigured,
                "The clocks of this machine and of the record store are more than 15 minutes apart. Set this "
                "machine's, e.g. with timedatectl.",
                fmt::format("{}; {} here, {} there", detail, utc_timestamp(now), answer.date)};
    const auto advice = std::ranges::find(advices, answer.error, &Advice::error);
    if (advice != advices.end()) return {advice->kind, std::string(advice->text), detail};
    switch (retry_of(answer)) {
        case aws::Retry::throttled:
            return {ErrorKind::unavailable,
                    "The record store has too many requests for now. Try again later.", detail};
        case aws::Retry::transient:
            return {ErrorKind::unavailable, "The record store does not work for now. Try again.", detail};
        case aws::Retry::no:
            break;
    }
    if (answer.error.starts_with("HTTP "))
        return {ErrorKind::unavailable, "The endpoint in the records' URL does not answer as DynamoDB does.",
                detail};
    return {ErrorKind::internal, "The record store refused a request.", detail};
}

}  // namespace fadeout::records::dynamodb
