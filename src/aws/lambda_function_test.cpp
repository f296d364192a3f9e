#include "aws/lambda_function.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace fadeout::aws {
namespace {

const std::string arn = "arn:aws:lambda:eu-central-1:123456789012:function:audio_processor:live";
const Time when = from_unix_seconds(1'790'000'000);  // 2026-09-21T14:13:20Z

std::string header(const net::HttpRequest& request, std::string_view name) {
    for (const auto& [key, value] : request.headers)
        if (key == name) return value;
    return {};
}

TEST(FunctionArn, NamesRegionAndEndpoint) {
    EXPECT_EQ(FunctionArn::parse(arn).region, "eu-central-1");
    EXPECT_EQ(FunctionArn::parse(arn).endpoint(), "https://lambda.eu-central-1.amazonaws.com");
    EXPECT_EQ(FunctionArn::parse("arn:aws-cn:lambda:cn-north-1:1:function:f").endpoint(),
              "https://lambda.cn-north-1.amazonaws.com.cn");
    EXPECT_NO_THROW(FunctionArn::parse("arn:aws:lambda:us-east-1:1:function:f:$LATEST"));
}

TEST(FunctionArn, RefusesOtherTexts) {
    for (const char* text :
         {"", "arn", "arn:aws:s3:::bucket", "arn:aws:lambda:us-east-1:1:layer:f",
          "arn:aws:lambda::1:function:f", "arn:aws:lambda:us-east-1:1:function:",
          "arn:aws:lambda:us-east-1:1:function:f:", "arn:aws:lambda:us-east-1:1:function:f:g:h",
          "arn:aws:lambda:evil.example/:1:function:f", "arn:aws:lambda:us-east-1:1:function:a/b",
          "https://lambda"})
        EXPECT_THROW(FunctionArn::parse(text), Error) << text;
}

// Signatures made by botocore 1.29's SigV4Auth for the same request; tests/integration/test_process.py
// compares with the installed one again.
TEST(Invocation, IsSignedAsBotocoreSignsIt) {
    const auto function = FunctionArn::parse(arn);
    const auto request = invocation(function, function.endpoint(), R"({"path":"/transcode"})",
                                    {"AKIDEXAMPLE", "secret/key", {}}, when);
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(
        request.url,
        "https://lambda.eu-central-1.amazonaws.com/2015-03-31/functions/"
        "arn%3Aaws%3Alambda%3Aeu-central-1%3A123456789012%3Afunction%3Aaudio_processor%3Alive/invocations");
    EXPECT_EQ(header(request, "authorization"),
              "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260921/eu-central-1/lambda/aws4_request, "
              "SignedHeaders=content-type;host;x-amz-date, "
              "Signature=50da80ac138a7771a63ac9ee3a0113cc57ed1cc5f2e2a335cf685f0f5a650b50");
    const auto temporary =
        invocation(function, "http://127.0.0.1:9001", "{}", {"AKIDEXAMPLE", "secret/key", "token=="}, when);
    EXPECT_EQ(header(temporary, "x-amz-security-token"), "token==");
    EXPECT_EQ(header(temporary, "authorization"),
              "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260921/eu-central-1/lambda/aws4_request, "
              "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, "
              "Signature=55a977bb6a7af1d4cadfb49b2b2b96ceddcfe94efaf5c36ded2d4e363a0f8232");
}

}  // namespace
}  // namespace fadeout::aws
