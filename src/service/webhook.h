#pragma once
#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "jobs/job_queue.h"
#include "net/http_client.h"
#include "service/job_type.h"
#include "service/webhook_secrets.h"

// Webhooks as https://www.standardwebhooks.com specifies them: a POST tells the URL that a job named as its
// "webhook" how it ended. Each delivery is a job of type "webhook" with the message in it, queued by the very
// write that ends the job, so that none is lost and none is made up. At least once: a message may arrive
// again, always under the same webhook-id, which is the delivery's job id.
namespace fadeout::service {

inline constexpr std::string_view webhook_type = "webhook";

/// The jobs::FollowUp of every queue: the delivery that `ended` asks for, if it asks for one. The message is
/// {"type": "job.done" | "job.failed" | "job.dead" | "job.cancelled", "timestamp", "data": the job as of
/// then}.
std::optional<jobs::NewJob> webhook_after(const jobs::Job& ended);

/// What a delivery is about: {"url", "event": the message's type, "job_id"}.
boost::json::object describe_delivery(const jobs::Job& delivery);

/// The value of webhook-signature: "v1," and the base64 of HMAC-SHA256("{id}.{timestamp}.{body}"), for each
/// key, separated by spaces.
std::string webhook_signature(const std::vector<std::string>& keys, std::string_view id, Time timestamp,
                              std::string_view body);

/// Between the attempts of one delivery. The first is made at once, so there are seven.
std::vector<Duration> webhook_delays();

/// How long an endpoint that answers 429 or 503 asks to be left alone by its Retry-After (seconds or a date:
/// RFC 9110, 10.2.3); at most a day. Zero for other statuses, and for what cannot be read.
Duration wait_asked_for(int status, std::string_view retry_after, Time now);

/// Jobs of type "webhook". 2xx: delivered. 410: the endpoint wants no more, failed for good. Everything else,
/// redirects too, is tried again, and no earlier than the endpoint asks. `client` decides which addresses may
/// be reached. All must outlive it.
JobType webhook_job(const WebhookSecrets& secrets, net::HttpClient& client, const Clock& clock);

}  // namespace fadeout::service
