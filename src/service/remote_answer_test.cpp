#include "service/remote_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/base64.h"
#include "base/error.h"

namespace fadeout::service {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string failure(int status, std::string_view body) {
    try {
        parse_remote_answer(status, body);
    } catch (const Error& error) {
        return error.what();
    }
    return "accepted";
}

const std::string plain =
    R"({"success":true,"output_url":"https://h/x?X-Amz-Signature=1","s3_key":"pitches/7/processed/x.mp3",)"
    R"("direct_upload":true,"watermarked":false,"temp_files":["processed-audio/1.mp3",5,"https://h/y"]})";

void expect_plain(const RemoteAnswer& answer) {
    EXPECT_TRUE(answer.direct_upload);
    EXPECT_EQ(answer.s3_key, "pitches/7/processed/x.mp3");
    EXPECT_EQ(answer.output_url, "https://h/x?X-Amz-Signature=1");
    EXPECT_EQ(answer.watermarked, false);
    EXPECT_THAT(answer.temp_files, ElementsAre("processed-audio/1.mp3", "https://h/y"));
}

TEST(RemoteAnswer, ReadsThePlainForm) {
    expect_plain(parse_remote_answer(200, plain));
    const RemoteAnswer least = parse_remote_answer(200, R"({"output_url":"https://h/x","s3_key":null})");
    EXPECT_FALSE(least.direct_upload);
    EXPECT_EQ(least.s3_key, "");
    EXPECT_EQ(least.watermarked, std::nullopt);
}

TEST(RemoteAnswer, UnderstandsAProxyIntegrationsEnvelope) {
    expect_plain(parse_remote_answer(200, R"({"statusCode":200,"headers":{},"body":)" + plain + "}"));
    std::string quoted;
    for (const char c : plain) quoted += c == '"' ? "\\\"" : std::string(1, c);
    expect_plain(parse_remote_answer(200, R"({"statusCode":200,"body":")" + quoted + "\"}"));
    expect_plain(parse_remote_answer(
        200, R"({"statusCode":200,"isBase64Encoded":true,"body":")" + base64_encode(plain) + "\"}"));
    EXPECT_THAT(failure(200, R"({"statusCode":200,"isBase64Encoded":true,"body":"{}"})"),
                HasSubstr("base64"));
    EXPECT_THAT(failure(200, R"({"statusCode":502,"body":"{\"error\":\"no disk\"}"})"),
                HasSubstr("status 502: no disk"));
    EXPECT_THAT(failure(200, R"({"statusCode":200,"body":"<html>"})"), HasSubstr("no JSON"));
    EXPECT_THAT(failure(200, R"({"statusCode":"200","body":{}})"), HasSubstr("envelope"));
    EXPECT_THAT(failure(200, R"({"statusCode":200})"), HasSubstr("envelope"));
    EXPECT_THAT(failure(200, R"({"statusCode":200,"body":[]})"), HasSubstr("envelope"));
}

TEST(RemoteAnswer, FailuresSayWhatHappened) {
    EXPECT_THAT(failure(200, R"({"success":false,"error":"bad codec"})"), HasSubstr("bad codec"));
    EXPECT_THAT(failure(200, R"({"errorMessage":"timed out","errorType":"X"})"), HasSubstr("timed out"));
    EXPECT_THAT(failure(500, "oops\nmore"), HasSubstr("status 500: \"oops more\""));
    EXPECT_THAT(failure(301, ""), HasSubstr("301"));
    EXPECT_THAT(failure(200, ""), HasSubstr("no JSON"));
    EXPECT_THAT(failure(200, "<html><body>Hello</body></html>"), HasSubstr("no JSON: \"<html>"));
    EXPECT_THAT(failure(200, "[]"), HasSubstr("no object"));
    EXPECT_THAT(failure(200, R"({"s3_key":5})"), HasSubstr("s3_key must be a string"));
    EXPECT_THAT(failure(200, std::string(100, '[')), HasSubstr("no JSON"));
    const std::string leak =
        failure(200, R"({"error":"cannot read 'https://h/a?X-Amz-Signature=secret', sorry"})");
    EXPECT_THAT(leak, HasSubstr("cannot read 'https://h/a?X-Amz-Signature=***', sorry"));
    EXPECT_THAT(failure(200, R"({"error":"cannot read https://h/l/c2VjcmV0"})"),
                HasSubstr("https://h/l/***"));
    EXPECT_THAT(failure(500, "see /l/c2VjcmV0 or a%3FX-Amz-Signature%3Dc2VjcmV0"),
                ::testing::Not(HasSubstr("c2VjcmV0")));
    EXPECT_LT(failure(200, std::string(100'000, 'x')).size(), 300u);
}

}  // namespace
}  // namespace fadeout::service
