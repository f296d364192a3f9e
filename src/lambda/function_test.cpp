#include "lambda/function.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/base64.h"
#include "http/test_server.h"

namespace fadeout::lambda {
namespace {

using testing::HasSubstr;

/// A function on memory stores, and what it logged.
struct Lambda {
    explicit Lambda(bool has_shared_queue = false, std::vector<std::string> keys = {})
        : function(services.services,
                   {routes(services.services, {}, has_shared_queue), keys, {"https://app.test"}, "/media"},
                   [this](const http::AccessEntry& entry) { log.push_back(entry); }) {}

    boost::json::object handle(std::string_view event, std::stop_token stop = {}) {
        return boost::json::parse(function.handle("id-1", event, std::move(stop))).as_object();
    }
    boost::json::object send(std::string method, std::string path, std::string body = {},
                             boost::json::object headers = {}, std::stop_token stop = {}) {
        const boost::json::object event{
            {"httpMethod", method}, {"path", path}, {"body", body}, {"headers", headers}};
        return handle(boost::json::serialize(event), std::move(stop));
    }
    /// The event of a function URL for a signed link.
    boost::json::object follow(std::string method, const std::string& link,
                               boost::json::object headers = {}) {
        headers["host"] = "media.test";
        const std::size_t question = link.find('?');
        return handle(boost::json::serialize(boost::json::object{
            {"rawPath", link.substr(0, question)},
            {"rawQueryString", link.substr(question + 1)},
            {"headers", headers},
            {"requestContext", boost::json::object{{"http", boost::json::object{{"method", method}}}}}}));
    }

    http::TestServices services;
    std::vector<http::AccessEntry> log;
    Function function;
};

std::string header(const boost::json::object& answer, std::string_view name) {
    const auto* value = answer.at("headers").as_object().if_contains(name);
    return value != nullptr ? std::string(value->as_string()) : "";
}

TEST(Function, AnswersARouteAndLogsIt) {
    Lambda lambda;
    const auto answer = lambda.send("POST", "/media/tts/sync", R"({"text": "hello"})");
    EXPECT_EQ(answer.at("statusCode"), 200);
    EXPECT_EQ(header(answer, "X-Request-Id"), "id-1");
    EXPECT_EQ(boost::json::parse(answer.at("body").as_string()).at("text").as_string(), "hello");
    ASSERT_EQ(lambda.log.size(), 1U);
    EXPECT_EQ(lambda.log[0].status, 200);
    EXPECT_EQ(lambda.log[0].target, "/media/tts/sync");
    EXPECT_EQ(lambda.log[0].request_id, "id-1");
}

TEST(Function, ErrorsAreAnswersInTheWordsOfTheirRoute) {
    Lambda lambda;
    EXPECT_EQ(lambda.send("GET", "/nowhere").at("statusCode"), 404);
    const auto empty = lambda.send("POST", "/tts/sync", "{}");
    EXPECT_EQ(empty.at("statusCode"), 400);
    EXPECT_THAT(std::string(empty.at("body").as_string()), HasSubstr("{\"detail\":"));
    EXPECT_EQ(lambda.handle("no json").at("statusCode"), 400);
    EXPECT_EQ(lambda.handle("{}").at("body").as_string(), R"({"error":"Missing file_url parameter"})");
    const auto large = lambda.send("POST", "/transcode", std::string((1 << 20) + 1, ' '));
    EXPECT_EQ(large.at("statusCode"), 413) << "bodies are as limited as the server's";
}

TEST(Function, PreflightsAndOrigins) {
    Lambda lambda;
    const auto preflight = lambda.send("OPTIONS", "/transcode", "", {{"Origin", "https://b.test"}});
    EXPECT_EQ(preflight.at("statusCode"), 204);
    EXPECT_EQ(header(preflight, "Access-Control-Allow-Origin"), "*");
    EXPECT_EQ(header(preflight, "Access-Control-Allow-Methods"), "OPTIONS, POST");
    const auto known = lambda.send("GET", "/voices", "", {{"Origin", "https://app.test"}});
    EXPECT_EQ(header(known, "Access-Control-Allow-Origin"), "https://app.test");
    EXPECT_EQ(header(lambda.send("GET", "/voices", "", {{"Origin", "https://b.test"}}),
                     "Access-Control-Allow-Origin"),
              "");
}

TEST(Function, AsksForAKeyWhereSomeAreConfigured) {
    Lambda lambda(false, {"secret"});
    const auto refused = lambda.send("GET", "/voices");
    EXPECT_EQ(refused.at("statusCode"), 401);
    EXPECT_EQ(header(refused, "WWW-Authenticate"), "Bearer realm=\"fadeout\"");
    EXPECT_EQ(lambda.send("GET", "/voices", "", {{"x-api-key", "secret"}}).at("statusCode"), 200);
    EXPECT_EQ(lambda.send("GET", "/healthz").at("statusCode"), 200);
}

TEST(Function, AcceptsJobsOnlyForAQueueThatOutlivesIt) {
    const std::string body = R"({"text": "later"})";
    Lambda alone;
    EXPECT_EQ(alone.send("POST", "/tts/jobs", body).at("statusCode"), 501);
    EXPECT_EQ(alone.send("POST", "/v1/jobs", body).at("statusCode"), 501);
    EXPECT_EQ(alone.send("GET", "/v1/jobs").at("statusCode"), 200);
    EXPECT_TRUE(alone.services.queue.list({}, {}, 1).jobs.empty());
    Lambda shared(true);
    EXPECT_EQ(shared.send("POST", "/tts/jobs", body).at("statusCode"), 201);
}

TEST(Function, ObjectsComeAndGoThroughTheirLinks) {
    Lambda lambda;
    const std::string bytes("RIFF\xff\x00\x80 data", 12);
    lambda.services.put("uploads/x/a.wav", bytes, "audio/wav");
    const std::string link = lambda.services.link(storage::LinkMethod::get, "uploads/x/a.wav");
    const auto whole = lambda.follow("GET", link);
    EXPECT_EQ(whole.at("statusCode"), 200);
    EXPECT_EQ(base64_decode(std::string(whole.at("body").as_string())), bytes);
    const auto part = lambda.follow("GET", link, {{"range", "bytes=0-3"}});
    EXPECT_EQ(part.at("statusCode"), 206);
    EXPECT_EQ(part.at("body").as_string(), "RIFF");
    const auto head =
        lambda.follow("HEAD", lambda.services.link(storage::LinkMethod::get, "uploads/x/a.wav"));
    EXPECT_EQ(head.at("body").as_string(), "");
    EXPECT_EQ(lambda.follow("GET", link + "0").at("statusCode"), 403);
}

TEST(Function, WhatIsLargerThanLambdaHandsOutIsRefused) {
    Lambda lambda;
    const auto status = [&](std::size_t bytes, char content) {
        lambda.services.put("uploads/x/big.wav", std::string(bytes, content));
        return lambda.follow("GET", lambda.services.link(storage::LinkMethod::get, "uploads/x/big.wav"),
                             {{"origin", "https://app.test"}});
    };
    const std::size_t limit = Function::max_answer_bytes;
    EXPECT_EQ(status(limit - 2'000, 'x').at("statusCode"), 200);
    EXPECT_EQ(status(limit + 1, 'x').at("statusCode"), 413);
    const auto as_base64 = status(limit / 4 * 3, '\xff');
    EXPECT_EQ(as_base64.at("statusCode"), 413) << "its base64 is larger";
    EXPECT_THAT(std::string(as_base64.at("body").as_string()), HasSubstr("6 MB"));
    EXPECT_EQ(header(as_base64, "X-Request-Id"), "id-1");
    EXPECT_EQ(header(as_base64, "Access-Control-Allow-Origin"), "https://app.test") << "a page can read why";
    EXPECT_EQ(status(limit / 4 * 3 - 2'000, '\xff').at("statusCode"), 200);
}

TEST(Function, FollowingAJobIsNotForLambda) {
    Lambda lambda(true);
    const auto job = lambda.send("POST", "/v1/jobs", R"({"type": "speak", "text": "later"})");
    ASSERT_EQ(job.at("statusCode"), 202);
    EXPECT_EQ(lambda.send("GET", header(job, "Location") + "/events").at("statusCode"), 501);
}

TEST(Function, WorkThatWasStoppedIsAnswered504) {
    Lambda lambda;
    std::stop_source stop;
    stop.request_stop();
    const auto answer = lambda.send("POST", "/tts/sync", R"({"text": "hello"})", {}, stop.get_token());
    EXPECT_EQ(answer.at("statusCode"), 504);
    EXPECT_THAT(std::string(answer.at("body").as_string()), HasSubstr("raise its timeout"));
}

TEST(Function, AScheduledEventSweeps) {
    Lambda lambda;
    const auto summary = lambda.handle(R"({"source": "aws.events"})");
    EXPECT_EQ(summary.at("deleted"), 0);
    EXPECT_EQ(summary.at("dry_run"), false);
    EXPECT_FALSE(summary.contains("statusCode"));
}

}  // namespace
}  // namespace fadeout::lambda
