#include "lambda/event.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "base/error.h"

namespace fadeout::lambda {
namespace {

using testing::HasSubstr;

http::Request request(std::string_view json) {
    return std::get<http::Request>(parse_event(json));
}

std::string refusal(std::string_view json) {
    try {
        parse_event(json);
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid);
        return error.what();
    }
    return "not refused";
}

TEST(Event, RestApi) {
    const auto r =
        request(R"({"path": "/v1/jobs", "httpMethod": "GET", "body": null, "isBase64Encoded": false,
        "headers": {"X-Api-Key": "last"}, "multiValueHeaders": {"X-Api-Key": ["first", "last"]},
        "queryStringParameters": {"state": "b"}, "multiValueQueryStringParameters": {"state": ["a b&c", "d"]},
        "requestContext": {"stage": "v1", "path": "/prod/v1/jobs"}})");
    EXPECT_EQ(r.method, "GET");
    EXPECT_EQ(r.target, "/v1/jobs?state=a%20b%26c&state=d")
        << "its values come decoded, its path without stage";
    EXPECT_EQ(r.query_value("state"), "a b&c");
    EXPECT_EQ(r.header("x-api-key"), "first");
    EXPECT_EQ(r.body, "");
}

TEST(Event, RestApiWithSingleValuesOnly) {
    const auto r =
        request(R"({"path": "/voices", "httpMethod": "GET", "headers": {"Origin": "https://a.test"},
        "multiValueHeaders": null, "queryStringParameters": {"q": "1"}, "multiValueQueryStringParameters": null})");
    EXPECT_EQ(r.target, "/voices?q=1");
    EXPECT_EQ(r.header("origin"), "https://a.test");
}

TEST(Event, HttpApiAndFunctionUrl) {
    const auto r = request(R"({"version": "2.0", "rawPath": "/dev/voices", "rawQueryString": "a=b%20c&d",
        "headers": {"content-type": "application/json"}, "body": "eyJ0ZXh0IjoxfQ==", "isBase64Encoded": true,
        "requestContext": {"stage": "dev", "http": {"method": "POST", "path": "/dev/voices"}}})");
    EXPECT_EQ(r.method, "POST");
    EXPECT_EQ(r.target, "/voices?a=b%20c&d") << "the stage is no part of the route";
    EXPECT_EQ(r.body, R"({"text":1})");
    EXPECT_EQ(request(R"({"rawPath": "/devices", "requestContext": {"stage": "dev"}})").target, "/devices");
    EXPECT_EQ(request(R"({"rawPath": "/dev/x", "requestContext": {"stage": "$default"}})").target, "/dev/x");
}

TEST(Event, ABareBodyIsATranscodeRequest) {
    const std::string body = R"({"file_url": "a.wav", "target_format": "mp3"})";
    EXPECT_EQ(request(body).method, "POST");
    EXPECT_EQ(request(body).target, "/transcode");
    EXPECT_EQ(request(body).body, body);
    EXPECT_EQ(request("{}").target, "/transcode") << "which says what is missing";
    EXPECT_EQ(request(R"({"body": {"file_url": "a.wav"}})").target, "/transcode");
    EXPECT_EQ(request(R"({"body": {"file_url": "a.wav"}})").body, R"({"file_url":"a.wav"})");
}

TEST(Event, OnlyTheSchedulersOwnEventSweeps) {
    const auto sweeps = [](std::string_view json) {
        return std::holds_alternative<SweepEvent>(parse_event(json));
    };
    EXPECT_TRUE(sweeps(R"({"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}})"));
    EXPECT_FALSE(sweeps(R"({"source": "aws.s3"})"));
    EXPECT_FALSE(sweeps(R"({"source": "aws.events", "path": "/transcode", "httpMethod": "POST"})"))
        << "what came through a gateway never does";
}

TEST(Event, NothingInAPathCanEndTheRequestLine) {
    EXPECT_EQ(request(R"({"path": "/a b\r\n?x#\u00fc%2F", "httpMethod": "GET"})").target,
              "/a%20b%0D%0A%3Fx%23%C3%BC%2F");
    EXPECT_EQ(request(R"({"rawPath": "/", "rawQueryString": "a=?\n#"})").target, "/?a=?%0A%23");
}

TEST(Event, WhatItCannotBeIsNamed) {
    EXPECT_THAT(refusal("no json"), HasSubstr("not valid JSON"));
    EXPECT_THAT(refusal("[]"), HasSubstr("must be a JSON object"));
    EXPECT_THAT(refusal(R"({"path": 5})"), HasSubstr("path must be text"));
    EXPECT_THAT(refusal(R"({"requestContext": "x"})"), HasSubstr("requestContext must be an object"));
    EXPECT_THAT(refusal(R"({"path": "/", "headers": {"a": 1}})"), HasSubstr("headers must be text"));
    EXPECT_THAT(refusal(R"({"path": "/", "multiValueHeaders": {"a": "b"}})"), HasSubstr("lists of text"));
    EXPECT_THAT(refusal(R"({"body": "%%", "isBase64Encoded": true})"), HasSubstr("base64"));
    EXPECT_THAT(refusal(R"({"body": "aGk=", "isBase64Encoded": "yes"})"), HasSubstr("true or false"));
    EXPECT_THAT(refusal(R"({"body": [1]})"), HasSubstr("body must be text"));
}

http::Response response(std::string body) {
    http::Response r;
    r.status = 201;
    r.headers = {{"Content-Type", "a/b"}, {"Vary", "Origin"}, {"Vary", "Range"}};
    r.body = std::move(body);
    return r;
}

TEST(Answer, TextStaysTextAndBytesGoAsBase64) {
    const auto text = boost::json::parse(format_answer(response("gr\u00fc\u00df \"you\""))).as_object();
    EXPECT_EQ(text.at("statusCode"), 201);
    EXPECT_EQ(text.at("body").as_string(), "gr\u00fc\u00df \"you\"");
    EXPECT_EQ(text.at("isBase64Encoded"), false);
    EXPECT_EQ(text.at("headers").as_object().at("Content-Type").as_string(), "a/b");
    EXPECT_EQ(text.at("headers").as_object().at("Vary").as_string(), "Origin, Range");
    const auto bytes =
        boost::json::parse(format_answer(response(std::string("\x00\xff\x10", 3)))).as_object();
    EXPECT_EQ(bytes.at("body").as_string(), "AP8Q");
    EXPECT_EQ(bytes.at("isBase64Encoded"), true);
}

}  // namespace
}  // namespace fadeout::lambda
