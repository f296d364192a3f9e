#pragma once
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "aws/credentials.h"
#include "aws/retry.h"
#include "base/clock.h"
#include "base/deadline.h"
#include "net/http_client.h"
#include "storage/link.h"
#include "storage/s3/endpoint.h"
#include "storage/s3/fault.h"

namespace fadeout::storage::s3 {

struct Request {
    std::string method;
    std::string key;            ///< not encoded; empty: the bucket itself
    aws::NameValues query{};    ///< not encoded
    aws::NameValues headers{};  ///< all of them are signed
    Bytes body{};               ///< must stay valid during the call; its SHA-256 is sent, and signed
    std::stop_token stop{};     ///< asks to give up: Error(cancelled) within about a second
};

struct Answer {
    net::HttpResponse http;
    std::optional<Fault> fault;  ///< nothing: done
    bool ok() const noexcept { return !fault; }
};

struct ClientOptions {
    S3Location location;
    std::shared_ptr<aws::CredentialsProvider> credentials;
    aws::RetryRules retry;
    /// Of one exchange: a part of 8 MiB beside three others passes a line of 1 Mbit/s. `stall` finds what
    /// hangs.
    Duration timeout{600'000};
    Duration stall{15'000};                     ///< no byte either way for so long
    std::vector<PublicUrl> public_endpoints{};  ///< further URLs below which the bucket's keys lie
    Deadline deadline{};                        ///< of all requests, however many
};

/// Signs requests to one bucket, sends them, and sends them again where that may help. Thread-safe.
class Client {
  public:
    Client(ClientOptions options, const Clock& clock);
    /// The same for requests that all end within `limit` from now.
    Client within(Duration limit) const;

    /// The last attempt's answer, also where it is a fault. Error(unavailable) where none came in time. A
    /// POST that is answered 200 with an <Error> inside is a fault, too.
    Answer send(const Request& request);
    /// Like send(), but a fault is thrown. `doing`: "write the object".
    net::HttpResponse require(const Request& request, std::string_view doing);

    /// How long a link can live that is signed within the next second: `wanted`, or less where the
    /// credentials end before; nothing where they will end and nobody knows when.
    std::optional<Duration> link_life(Duration wanted);
    /// Error(misconfigured) where the credentials end before the link would: a link must live as long as it
    /// says.
    std::string presign(std::string_view method, const std::string& key, Duration expires,
                        const aws::NameValues& query, const aws::NameValues& headers);

    const S3Location& location() const noexcept { return options_.location; }
    const Clock& clock() const noexcept { return clock_; }

  private:
    net::HttpResponse send_once(const Request& request, const std::string& payload_hash);

    const ClientOptions options_;
    const Clock& clock_;
    const Endpoint endpoint_;
    net::HttpClient http_;
    aws::RetryQuota quota_;
};

}  // namespace fadeout::storage::s3
