#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "http/access_log.h"
#include "http/api_keys.h"
#include "http/cors.h"
#include "http/patience.h"
#include "http/response_head.h"

namespace fadeout::http {
namespace {

Request with(const std::string& name, const std::string& value) {
    Request request;
    request.headers = {{name, value}};
    return request;
}

TEST(ApiKeys, TakesBearerAndXApiKey) {
    const ApiKeys keys({"first-key", "second-key"});
    EXPECT_TRUE(keys.allow(with("Authorization", "Bearer second-key")));
    EXPECT_TRUE(keys.allow(with("authorization", "bearer  first-key ")));
    EXPECT_TRUE(keys.allow(with("X-API-KEY", "first-key")));
}

TEST(ApiKeys, RefusesAnythingElse) {
    const ApiKeys keys({"first-key", "second-key"});
    for (const char* value :
         {"", "Bearer", "Bearer ", "Bearer first", "Bearer first-key1", "Basic first-key", "first-key"})
        EXPECT_FALSE(keys.allow(with("Authorization", value))) << value;
    EXPECT_FALSE(keys.allow(with("X-Api-Key", "FIRST-KEY")));
    EXPECT_FALSE(keys.allow(Request{}));
}

TEST(ApiKeys, NobodyNeedsOneWhereNoneAreConfigured) {
    EXPECT_TRUE(ApiKeys({}).allow(Request{}));
}

TEST(Cors, TellsNothingUnlessConfigured) {
    EXPECT_TRUE(Cors({}).answer("https://a.test", false).empty());
    EXPECT_TRUE(Cors({}).preflight("https://a.test", false, "GET").empty());
}

TEST(Cors, SomeRoutesAnswerAnybody) {
    const Fields fields = Cors({}).preflight("https://a.test", true, "OPTIONS, POST");
    EXPECT_EQ(field(fields, "Access-Control-Allow-Origin"), "*");
    EXPECT_EQ(field(fields, "Access-Control-Allow-Methods"), "OPTIONS, POST");
}

TEST(Cors, ConfiguredOriginsAreNamedBackExactly) {
    const Cors cors({"https://a.test", "https://b.test"});
    EXPECT_EQ(field(cors.answer("https://b.test", false), "Access-Control-Allow-Origin"), "https://b.test");
    EXPECT_FALSE(has_field(cors.answer("https://c.test", false), "Access-Control-Allow-Origin"));
    EXPECT_FALSE(has_field(cors.answer("", false), "Access-Control-Allow-Origin"));
    EXPECT_EQ(field(cors.answer("https://c.test", false), "Vary"), "Origin");
    EXPECT_FALSE(has_field(cors.preflight("https://c.test", false, "GET"), "Access-Control-Allow-Methods"));
}

AccessEntry entry() {
    return {.time = from_unix_seconds(0),
            .client = "127.0.0.1",
            .method = "GET",
            .target = "/objects/b/k.wav?X-Amz-Credential=KEY%2F2026&X-Amz-Signature=deadbeef",
            .status = 200,
            .bytes = 12,
            .took = std::chrono::microseconds(1500),
            .request_id = "id-1",
            .detail = "asked http://h/k?X-Amz-Signature=cafe01&x \x1b[31m \"X-Amz-Security-Token=tok\""};
}

TEST(Faults, F22_LinksAreNotLoggedInFull) {
    for (const std::string& line : {format_text(entry()), format_json(entry())}) {
        for (const char* secret : {"deadbeef", "KEY", "cafe01", "tok\""})
            EXPECT_EQ(line.find(secret), std::string::npos) << line;
        EXPECT_NE(line.find("/objects/b/k.wav"), std::string::npos) << line;
    }
}

TEST(AccessLog, HoldsNoTokenThatOpensAnObject) {
    AccessEntry link = entry();
    for (const char* target : {"/l/c2VjcmV0", "/below/l/c2VjcmV0?x=y", "/l/c2VjcmV0/more"}) {
        link.target = target;
        for (const std::string& line : {format_text(link), format_json(link)}) {
            EXPECT_EQ(line.find("c2VjcmV0"), std::string::npos) << line;
            EXPECT_NE(line.find("/l/***"), std::string::npos) << line;
        }
    }
}

TEST(AccessLog, HoldsNoControlCharacters) {
    EXPECT_NE(format_text(entry()).find("\\x1b[31m"), std::string::npos);
    EXPECT_EQ(masked("a\nb\x7f\xc3\xa4"), "a\\x0ab\\x7f\\xc3\\xa4");
}

TEST(AccessLog, JsonLinesCanBeReadBack) {
    const auto line = boost::json::parse(format_json(entry())).as_object();
    EXPECT_EQ(line.at("time"), "1970-01-01T00:00:00Z");
    EXPECT_EQ(line.at("status"), 200);
    EXPECT_EQ(line.at("ms"), 1.5);
    EXPECT_EQ(line.at("request_id"), "id-1");
}

TEST(ResponseHead, CannotBeSplitByAValue) {
    Response response;
    response.headers = {{"Content-Disposition", "attachment\r\nSet-Cookie: a=b"}};
    const std::string head =
        format_head(response, {.request_id = "x", .cors = {}, .now = from_unix_seconds(0)});
    EXPECT_EQ(head.find("\r\nSet-Cookie"), std::string::npos);
    EXPECT_TRUE(head.starts_with("HTTP/1.1 200 OK\r\n"));
    EXPECT_NE(head.find("\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"), std::string::npos);
    EXPECT_NE(head.find("\r\nContent-Length: 0\r\n"), std::string::npos);
    EXPECT_TRUE(head.ends_with("\r\n\r\n"));
}

TEST(Patience, EndsWithoutBytesAndGrowsBackWithThem) {
    Patience patience(Duration(1000), 1000);
    patience.account(Duration(600), 0);
    EXPECT_EQ(patience.left(), Duration(400));
    patience.account(Duration(100), 300);
    EXPECT_EQ(patience.left(), Duration(600));
    patience.account(Duration(0), UINT64_MAX / 2000);
    EXPECT_EQ(patience.left(), Duration(1000));
    for (int i = 0; i < 1000; ++i) patience.account(Duration(10), 1);
    EXPECT_LT(patience.left(), Duration(0)) << "one byte now and then is not enough";
}

}  // namespace
}  // namespace fadeout::http
