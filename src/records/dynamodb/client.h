#pragma once
#include <boost/json/object.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "aws/credentials.h"
#include "base/deadline.h"
#include "records/dynamodb/answer.h"

namespace fadeout::records::dynamodb {

struct ClientOptions {
    Duration timeout{20'000};              ///< for one attempt
    Duration stall{5'000};                 ///< without a byte
    Deadline deadline{};                   ///< of all requests, however many
    std::function<void(Duration)> wait{};  ///< before another attempt; empty: sleeps
};

/// Speaks DynamoDB's JSON protocol 1.0: one POST for each operation, signed with Signature Version 4, sent
/// again by AWS's retry rules after a throttling, a server's failure, a break or a time-out. Thread-safe;
/// blocks. Source: Amazon DynamoDB Developer Guide, "DynamoDB low-level API".
class Client {
  public:
    Client(TableAddress address, std::shared_ptr<aws::CredentialsProvider> credentials, const Clock& clock,
           ClientOptions options = {});
    /// The same for requests that all end within `limit` from now.
    Client within(Duration limit) const;

    /// The answer to `operation` ("GetItem"), which may be an error that no retry mends. Error(unavailable,
    /// timeout) where none came or there are no credentials.
    Answer ask(std::string_view operation, const boost::json::object& request);
    /// The body of the answer; throws failure() of an error.
    boost::json::object call(std::string_view operation, const boost::json::object& request);
    Error failure(const Answer& answer) const { return failure_of(answer, address_, clock_.now()); }

    const std::string& table() const noexcept { return address_.table; }
    /// A request on the table, to be filled further.
    boost::json::object on_table() const { return {{"TableName", address_.table}}; }

    /// For what takes several requests: the delays between them, from the client's quota.
    aws::Retries retries() { return {quota_, aws::RetryRules::dynamodb()}; }
    void wait(Duration duration) const { options_.wait(duration); }

  private:
    Answer attempt(std::string_view operation, const std::string& body, const aws::Credentials& keys);

    const TableAddress address_;
    const std::shared_ptr<aws::CredentialsProvider> credentials_;
    const Clock& clock_;
    ClientOptions options_;
    net::HttpClient http_;
    aws::RetryQuota quota_;
};

}  // namespace fadeout::records::dynamodb
