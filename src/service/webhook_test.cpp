#include "service/webhook.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "base/base64.h"
#include "base/error.h"
#include "base/http_date.h"
#include "jobs/asked_to_wait.h"
#include "jobs/memory/memory_job_queue.h"
#include "net/test_server.h"
#include "service/jobs.h"

namespace fadeout::service {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Keys = std::vector<std::pair<std::string, std::string>>;

const Time start = from_unix_seconds(1'614'265'330);

std::string bytes_of(std::string_view base64) {
    return base64_decode(base64).value();
}

// The example of the Standard Webhooks libraries.
TEST(WebhookSignature, IsThatOfTheStandard) {
    const std::string key = bytes_of("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    const std::string expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    const auto sign = [](const std::vector<std::string>& keys) {
        return webhook_signature(keys, "msg_p5jXN8AQM9LWM0D4loKWxJek", start, R"({"test": 2432232314})");
    };
    EXPECT_EQ(sign({key}), expected);
    const std::string both = sign({key, "another key"});
    EXPECT_EQ(both.substr(0, expected.size() + 4), expected + " v1,");
    EXPECT_EQ(both.size(), 2 * expected.size() + 1);
}

TEST(WebhookDelays, AreThoseOfTheWireFormat) {
    EXPECT_THAT(webhook_delays(), ElementsAre(5s, 5min, 30min, 2h, 5h, 10h));
}

TEST(RetryAfter, IsHonouredForADayAtMost) {
    const auto wait = [](std::string_view retry_after, int status = 503) {
        return wait_asked_for(status, retry_after, start);
    };
    EXPECT_EQ(wait("120"), 2min);
    EXPECT_EQ(wait("120", 429), 2min);
    EXPECT_EQ(wait(format_http_date(start + 1h)), 1h);
    for (const char* much : {"86400", "86401", "99999999999999999999999"}) EXPECT_EQ(wait(much), 24h);
    EXPECT_EQ(wait(format_http_date(start + 48h)), 24h);
    EXPECT_EQ(wait(format_http_date(start - 1h)), 0s);
    for (const char* nothing : {"", "0", "-5", "+5", "5 ", "1e3", "5s", "soon"}) EXPECT_EQ(wait(nothing), 0s);
    for (const int status : {200, 307, 400, 500}) EXPECT_EQ(wait("120", status), 0s);
}

jobs::Job ended(jobs::State state, const std::string& payload) {
    jobs::Job job;
    job.id = "the-job";
    job.type = "speak";
    job.payload = payload;
    job.state = state;
    job.updated_at = start;
    job.error = "no luck";
    return job;
}

TEST(WebhookAfter, SaysHowTheJobEnded) {
    for (const auto& [state, event] : {std::pair{jobs::State::done, "job.done"},
                                       {jobs::State::failed, "job.failed"},
                                       {jobs::State::dead, "job.dead"},
                                       {jobs::State::cancelled, "job.cancelled"}}) {
        const auto next = webhook_after(ended(state, R"({"webhook":"https://a.example/x","text":"y"})"));
        ASSERT_TRUE(next);
        EXPECT_EQ(next->type, "webhook");
        EXPECT_FALSE(next->run_at);
        const boost::json::value message = boost::json::parse(next->payload).at("message");
        EXPECT_EQ(message.at("type"), event);
        EXPECT_EQ(message.at("timestamp"), "2021-02-25T15:02:10Z");
        EXPECT_EQ(message.at("data").at("id"), "the-job");
        EXPECT_EQ(message.at("data").at("error"), "no luck");
        jobs::Job delivery;
        delivery.payload = next->payload;
        EXPECT_EQ(
            describe_delivery(delivery),
            (boost::json::object{{"url", "https://a.example/x"}, {"event", event}, {"job_id", "the-job"}}));
    }
}

TEST(WebhookAfter, IsNothingForAJobThatNamesNone) {
    for (const char* payload : {"{}", R"({"text":"\"webhook\""})", R"({"text":"webhook","webhook":null})",
                                R"({"watermark":{"webhook":"https://a.example/"}})"})
        EXPECT_FALSE(webhook_after(ended(jobs::State::done, payload))) << payload;
}

TEST(WebhookSecrets, TheLongestPrefixOfWholeSegmentsWins) {
    const WebhookSecrets secrets({{"https://a.example", "root"},
                                  {"https://a.example/hooks/", "hooks"},
                                  {"https://A.example:443/hooks", "hooks, new"},
                                  {"https://a.example/hooks/7", "seven"}});
    EXPECT_THAT(secrets.keys_for("https://a.example"), ElementsAre("root"));
    EXPECT_THAT(secrets.keys_for("https://a.example/hooksmith"), ElementsAre("root"));
    EXPECT_THAT(secrets.keys_for("https://a.example/?x=/hooks/7"), ElementsAre("root"));
    EXPECT_THAT(secrets.keys_for("https://u:p@a.example/hooks?x"), ElementsAre("hooks", "hooks, new"));
    EXPECT_THAT(secrets.keys_for("https://a.example/hooks/70"), ElementsAre("hooks", "hooks, new"));
    EXPECT_THAT(secrets.keys_for("https://a.example/hooks/7/x"), ElementsAre("seven"));
    for (const char* other :
         {"http://a.example/", "https://a.example:8443/", "https://a.example.org/",
          "https://b.example/@a.example/", "https://a.example@b.example/", "a.example", "ftp://a.example/",
          "https://a.example/x/../hooks", "https://a.example/%2E%2e/hooks"})
        EXPECT_THAT(secrets.keys_for(other), IsEmpty()) << other;
}

TEST(WebhookSecrets, SayWhatIsMissing) {
    const WebhookSecrets secrets(Keys{{"https://a.example/hooks", "k"}});
    const auto refusal = [&](const std::string& url) -> std::string {
        try {
            secrets.require(url);
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::invalid);
            return error.what();
        }
        return "";
    };
    EXPECT_EQ(refusal("https://a.example/hooks/1?a=b"), "");
    EXPECT_THAT(refusal("https://a.example/other?token=1"), HasSubstr("\"https://a.example:443 whsec_"));
    EXPECT_THAT(refusal("mailto:me"), HasSubstr("http://"));
    EXPECT_THAT(refusal("https://a.example/hooks/../x"), HasSubstr("'..'"));
    EXPECT_THROW(WebhookSecrets().require("https://a.example/hooks"), Error);
    for (const char* bad :
         {"a.example", "https://a.example/?x", "https://u@a.example/", "https://a.example/.."})
        EXPECT_THROW(WebhookSecrets(Keys{{bad, "k"}}), Error) << bad;
}

/// A job that names the test's endpoint as its webhook, and the delivery that its end queued.
class WebhookDelivery : public ::testing::Test {
  protected:
    jobs::Job end_a_job() {
        const auto job =
            jobs_.submit({{"type", "nothing"}, {"webhook", endpoint_.url("/hooks?token=1")}}, "");
        queue_.cancel(job.id);
        return *queue_.get(queue_.get(job.id)->follow_up);
    }
    /// The kind of the Error, or nothing where it was delivered.
    std::optional<ErrorKind> run(const jobs::Job& delivery) {
        try {
            result_ = jobs_.run(delivery, [](double) {}, {});
            return std::nullopt;
        } catch (const Error& error) {
            const auto* asked = dynamic_cast<const jobs::AskedToWait*>(&error);
            wait_ = asked ? asked->wait() : 0s;
            result_ = error.what();
            return error.kind();
        }
    }

    std::string status_ = "204 No Content", retry_after_ = "X-Nothing: 1";
    Duration wait_{};
    net::TestServer endpoint_{[this](const net::TestRequest&) {
        return net::TestAnswer{status_, {"Location: /elsewhere", retry_after_}, ""};
    }};
    ManualClock clock_{start};
    jobs::MemoryJobQueue queue_{clock_, {}, jobs::system_random, webhook_after};
    const WebhookSecrets secrets_{{{endpoint_.url("/hooks"), "old key"}, {endpoint_.url("/hooks"), "key"}}};
    net::HttpClient client_{0, net::AddressPolicy({"127.0.0.1"})};
    const JobType nothing_{"nothing", [](const boost::json::object&) {},
                           [](const auto&, const auto&, const auto&, auto) { return boost::json::object{}; }};
    Jobs jobs_{queue_, {nothing_, webhook_job(secrets_, client_, clock_)}, secrets_};
    std::string result_;
};

TEST_F(WebhookDelivery, SendsTheSignedMessage) {
    const jobs::Job delivery = end_a_job();
    clock_.advance(1h);
    EXPECT_FALSE(run(delivery)) << result_;
    EXPECT_EQ(result_, R"({"status":204})");
    const net::TestRequest sent = endpoint_.requests().at(0);
    EXPECT_EQ(sent.method + " " + sent.target, "POST /hooks?token=1");
    EXPECT_EQ(sent.header("content-type"), "application/json");
    EXPECT_EQ(sent.header("webhook-id"), delivery.id);
    EXPECT_EQ(sent.header("webhook-timestamp"), std::to_string(unix_seconds(start + 1h)));
    EXPECT_EQ(sent.header("webhook-signature"),
              webhook_signature({"old key", "key"}, delivery.id, start + 1h, sent.body));
    EXPECT_EQ(boost::json::parse(sent.body), boost::json::parse(delivery.payload).at("message"));
}

TEST_F(WebhookDelivery, WhatTheEndpointAnswersDecides) {
    const jobs::Job delivery = end_a_job();
    for (const auto& [status, kind] : {std::pair{"200 OK", std::optional<ErrorKind>()},
                                       {"299 Fine", std::nullopt},
                                       {"301 Moved", ErrorKind::bad_source},
                                       {"307 Moved", ErrorKind::bad_source},
                                       {"400 No", ErrorKind::bad_source},
                                       {"404 Where", ErrorKind::bad_source},
                                       {"410 Gone", ErrorKind::not_found},
                                       {"503 Later", ErrorKind::bad_source}}) {
        status_ = status;
        EXPECT_EQ(run(delivery), kind) << status;
        if (kind) {
            EXPECT_THAT(result_, HasSubstr(std::string(status).substr(0, 3)));
            const jobs::Retry retry = jobs_.retry_after(delivery, *kind);
            EXPECT_EQ(retry.wanted, !status_.starts_with("410")) << status;
            EXPECT_EQ(retry.delays, webhook_delays());
        }
    }
    for (const net::TestRequest& request : endpoint_.requests()) EXPECT_EQ(request.target, "/hooks?token=1");
}

TEST_F(WebhookDelivery, AnEndpointMayAskForTime) {
    const jobs::Job delivery = end_a_job();
    status_ = "503 Later";
    retry_after_ = "Retry-After: 90";
    EXPECT_EQ(run(delivery), ErrorKind::bad_source);
    EXPECT_EQ(result_, "The endpoint answered 503.");
    EXPECT_EQ(wait_, 90s);
}

TEST_F(WebhookDelivery, AnAddressThatIsNotAllowedIsNotTriedAgain) {
    net::HttpClient strict{0, net::AddressPolicy()};
    const JobType type = webhook_job(secrets_, strict, clock_);
    const jobs::Job delivery = end_a_job();
    try {
        type.run(delivery, boost::json::parse(delivery.payload).as_object(), [](double) {}, {});
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::denied);
        EXPECT_FALSE(jobs_.retry_after(delivery, error.kind()).wanted);
    }
    EXPECT_TRUE(endpoint_.requests().empty());
}

TEST_F(WebhookDelivery, ResendSendsTheSameMessageAgain) {
    const jobs::Job delivery = end_a_job();
    const auto lease = queue_.lease({"webhook"});
    queue_.done(delivery.id, lease->token, "{}");
    const std::string job_id(describe_delivery(delivery).at("job_id").as_string());
    EXPECT_EQ(jobs_.resend(job_id).id, delivery.id) << "by the job";
    EXPECT_EQ(jobs_.resend(delivery.id).id, delivery.id) << "or by the delivery";
    EXPECT_EQ(queue_.lease({"webhook"})->job.payload, delivery.payload);
    const auto kind = [&](const std::string& id) {
        try {
            jobs_.resend(id);
        } catch (const Error& error) {
            return error.kind();
        }
        return ErrorKind::internal;
    };
    EXPECT_EQ(kind("absent"), ErrorKind::not_found);
    EXPECT_EQ(kind(job_id), ErrorKind::conflict) << "it is being sent";
    EXPECT_EQ(kind(jobs_.submit({{"type", "nothing"}}, "").id), ErrorKind::conflict);
}

TEST_F(WebhookDelivery, AnEndpointWithoutSecretIsRefusedWhenTheJobIsAccepted) {
    EXPECT_THROW(jobs_.submit({{"type", "nothing"}, {"webhook", "https://b.example/"}}, ""), Error);
    EXPECT_THROW(jobs_.submit({{"type", "nothing"}, {"webhook", 7}}, ""), Error);
    EXPECT_THROW(jobs_.submit({{"type", "webhook"}, {"url", endpoint_.url("/hooks")}}, ""), Error);
    EXPECT_TRUE(queue_.list({}, "", 10).jobs.empty());
}

}  // namespace
}  // namespace fadeout::service
