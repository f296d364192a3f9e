#include "http/router.h"

#include <gtest/gtest.h>

namespace fadeout::http {
namespace {

Route route(std::string method, std::string pattern) {
    Route r;
    r.method = std::move(method);
    r.pattern = std::move(pattern);
    return r;
}

const Router& router() {
    static const Router all({route("GET", "/"), route("GET", "/v1/jobs"), route("POST", "/v1/jobs"),
                             route("GET", "/v1/jobs/{id}"), route("GET", "/v1/jobs/latest"),
                             route("POST", "/v1/jobs/{id}/retry"), route("GET", "/objects/{bucket}/{key...}"),
                             route("HEAD", "/objects/{bucket}/{key...}")});
    return all;
}

/// "GET /v1/jobs/{id}", or "404", or "405 " and what is allowed.
std::string matched(std::string_view method, std::string_view path) {
    const auto match = router().match(method, path);
    if (std::holds_alternative<NotFound>(match)) return "404";
    if (const auto* refusal = std::get_if<MethodNotAllowed>(&match)) return "405 " + refusal->allow;
    const Route& r = *std::get<Match>(match).route;
    return r.method + " " + r.pattern;
}

TEST(Router, FindsRoutesByMethodAndPath) {
    EXPECT_EQ(matched("GET", "/"), "GET /");
    EXPECT_EQ(matched("POST", "/v1/jobs"), "POST /v1/jobs");
    EXPECT_EQ(matched("GET", "/v1/jobs/7"), "GET /v1/jobs/{id}");
    EXPECT_EQ(matched("POST", "/v1/jobs/7/retry"), "POST /v1/jobs/{id}/retry");
}

TEST(Router, PrefersALiteralSegment) {
    EXPECT_EQ(matched("GET", "/v1/jobs/latest"), "GET /v1/jobs/latest");
}

TEST(Router, AnswersHeadByGetUnlessItHasARouteOfItsOwn) {
    EXPECT_EQ(matched("HEAD", "/v1/jobs/7"), "GET /v1/jobs/{id}");
    EXPECT_EQ(matched("HEAD", "/objects/b/k"), "HEAD /objects/{bucket}/{key...}");
}

TEST(Router, TellsAnUnknownPathFromAnUnknownMethod) {
    EXPECT_EQ(matched("GET", "/nothing"), "404");
    EXPECT_EQ(matched("GET", "/v1/jobs/"), "404");
    EXPECT_EQ(matched("GET", "/v1/jobs/7/"), "404");
    EXPECT_EQ(matched("GET", "v1/jobs"), "404");
    EXPECT_EQ(matched("PUT", "/v1/jobs"), "405 GET, HEAD, OPTIONS, POST");
    EXPECT_EQ(matched("get", "/v1/jobs"), "405 GET, HEAD, OPTIONS, POST");
}

TEST(Router, HandsOverDecodedParameters) {
    const auto match = router().match("GET", "/objects/my%20bucket/a/b%2Fc.mp3");
    const Fields expected = {{"bucket", "my bucket"}, {"key", "a/b/c.mp3"}};
    EXPECT_EQ(std::get<Match>(match).params, expected);
}

TEST(Router, RefusesBadlyEncodedSegments) {
    EXPECT_EQ(matched("GET", "/v1/jobs/%zz"), "404");
    EXPECT_EQ(matched("GET", "/objects/b/"), "404");
}

}  // namespace
}  // namespace fadeout::http
