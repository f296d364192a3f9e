#include "http/status.h"

#include <gtest/gtest.h>

namespace fadeout::http {
namespace {

TEST(Status, EveryKindHasItsStatus) {
    EXPECT_EQ(http_status(ErrorKind::invalid), 400);
    EXPECT_EQ(http_status(ErrorKind::denied), 403);
    EXPECT_EQ(http_status(ErrorKind::not_found), 404);
    EXPECT_EQ(http_status(ErrorKind::conflict), 409);
    EXPECT_EQ(http_status(ErrorKind::too_large), 413);
    EXPECT_EQ(http_status(ErrorKind::unsupported), 415);
    EXPECT_EQ(http_status(ErrorKind::unprocessable), 422);
    EXPECT_EQ(http_status(ErrorKind::busy), 429);
    EXPECT_EQ(http_status(ErrorKind::internal), 500);
    EXPECT_EQ(http_status(ErrorKind::cancelled), 500);
    EXPECT_EQ(http_status(ErrorKind::bad_source), 502);
    EXPECT_EQ(http_status(ErrorKind::unavailable), 503);
    EXPECT_EQ(http_status(ErrorKind::timeout), 504);
    EXPECT_EQ(http_status(ErrorKind::storage_full), 507);
}

TEST(Status, EachFamilyWordsItsErrors) {
    EXPECT_EQ(error_style("/tts/sync"), ErrorStyle::detail);
    EXPECT_EQ(error_style("/voices"), ErrorStyle::detail);
    EXPECT_EQ(error_style("/objects/b/k"), ErrorStyle::xml);
    EXPECT_EQ(error_style("/transcode"), ErrorStyle::error);
    EXPECT_EQ(error_style("/v1/jobs"), ErrorStyle::error);
    EXPECT_EQ(error_style("/ttsx"), ErrorStyle::error);
    EXPECT_EQ(error_response(ErrorStyle::detail, 400, "a \"b\"").body, R"({"detail":"a \"b\""})");
    EXPECT_EQ(error_response(ErrorStyle::error, 400, "no").body, R"({"error":"no"})");
}

TEST(Status, XmlHasS3sCodeAndIsEscaped) {
    EXPECT_NE(
        error_response(ErrorStyle::xml, Error(ErrorKind::denied, "SignatureDoesNotMatch: <b> & c"))
            .body.find(
                "<Error><Code>SignatureDoesNotMatch</Code><Message>&lt;b&gt; &amp; c</Message></Error>"),
        std::string::npos);
    EXPECT_NE(error_response(ErrorStyle::xml, 404, "no such thing: gone")
                  .body.find("<Error><Code>NoSuchKey</Code><Message>no such thing: gone</Message></Error>"),
              std::string::npos);
}

TEST(Status, SaysWhenToComeBack) {
    EXPECT_EQ(field(error_response(ErrorStyle::error, 429, "x").headers, "Retry-After"), "1");
    EXPECT_EQ(field(error_response(ErrorStyle::error, 503, "x").headers, "Retry-After"), "1");
    EXPECT_FALSE(has_field(error_response(ErrorStyle::error, 400, "x").headers, "Retry-After"));
}

TEST(Status, KeepsThePrivateDetailOutOfTheAnswer) {
    const Response response =
        error_response(ErrorStyle::error, Error(ErrorKind::internal, "public", "private"));
    EXPECT_EQ(response.body, R"({"error":"public"})");
    EXPECT_EQ(response.log_detail, "private");
}

}  // namespace
}  // namespace fadeout::http
