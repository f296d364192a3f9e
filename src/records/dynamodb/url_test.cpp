#include "records/dynamodb/url.h"

#include <gmock/gmock.h>

#include "base/error.h"

namespace fadeout::records::dynamodb {
namespace {

TEST(DynamoDbUrl, NamesATableOfAws) {
    const TableAddress address = parse_url("dynamodb://tts_temp_audio?region=eu-west-1", "us-east-1");
    EXPECT_EQ(address.table, "tts_temp_audio");
    EXPECT_EQ(address.region, "eu-west-1");
    EXPECT_EQ(address.endpoint, "https://dynamodb.eu-west-1.amazonaws.com");
    EXPECT_EQ(address.host(), "dynamodb.eu-west-1.amazonaws.com");
}

TEST(DynamoDbUrl, TakesTheDefaultRegion) {
    EXPECT_EQ(parse_url("dynamodb://tts", "ap-southeast-2").endpoint,
              "https://dynamodb.ap-southeast-2.amazonaws.com");
    EXPECT_EQ(parse_url("dynamodb://tts", "cn-north-1").endpoint,
              "https://dynamodb.cn-north-1.amazonaws.com.cn");
}

TEST(DynamoDbUrl, KeepsTheCaseOfTheTable) {
    EXPECT_EQ(parse_url("dynamodb://My.Table-1_x", "us-east-1").table, "My.Table-1_x");
}

TEST(DynamoDbUrl, EndpointMayBeWrittenPlainlyOrEncoded) {
    for (const char* url : {"dynamodb://tts?region=us-east-1&endpoint=http://127.0.0.1:14567",
                            "dynamodb://tts?endpoint=http%3A%2F%2F127.0.0.1%3A14567&region=us-east-1",
                            "dynamodb://tts/?endpoint=HTTP://127.0.0.1:14567/"}) {
        const TableAddress address = parse_url(url, "us-east-1");
        EXPECT_EQ(address.endpoint, "http://127.0.0.1:14567") << url;
        EXPECT_EQ(address.host(), "127.0.0.1:14567") << url;
    }
}

// The Host header leaves a default port out, and the signature covers that header.
TEST(DynamoDbUrl, EndpointHasNoDefaultPort) {
    EXPECT_EQ(parse_url("dynamodb://tts?endpoint=https://DB.example:443", "r").endpoint,
              "https://db.example");
    EXPECT_EQ(parse_url("dynamodb://tts?endpoint=http://db.example:80", "r").host(), "db.example");
    EXPECT_EQ(parse_url("dynamodb://tts?endpoint=http://db.example:443", "r").host(), "db.example:443");
    EXPECT_EQ(parse_url("dynamodb://tts?endpoint=http://[::1]:8000", "r").host(), "[::1]:8000");
}

TEST(DynamoDbUrl, RefusesWhatItCannotMean) {
    for (const char* url : {"",
                            "dynamodb:",
                            "dynamodb://",
                            "dynamodb://ab",
                            "sqlite:///file",
                            "dynamodb://tts/other",
                            "dynamodb://a%20table",
                            "dynamodb://tts:8000",
                            "dynamodb://key:secret@tts",
                            "dynamodb://tts#x",
                            "dynamodb://tts?region=",
                            "dynamodb://tts?region=EU",
                            "dynamodb://tts?region=a/b",
                            "dynamodb://tts?regoin=eu-west-1",
                            "dynamodb://tts?region=a&region=b",
                            "dynamodb://tts?endpoint=",
                            "dynamodb://tts?endpoint=127.0.0.1:8000",
                            "dynamodb://tts?endpoint=ftp://host",
                            "dynamodb://tts?endpoint=http://",
                            "dynamodb://tts?endpoint=http://host:0",
                            "dynamodb://tts?endpoint=http://host:70000",
                            "dynamodb://tts?endpoint=http://host/path",
                            "dynamodb://tts?endpoint=http://user@host",
                            "dynamodb://tts?",
                            "dynamodb://tts?region",
                            "dynamodb://tts?region=%zz",
                            "dynamodb://tts?endpoint=http://host%3Fx"}) {
        try {
            parse_url(url, "us-east-1");
            ADD_FAILURE() << url;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::invalid) << url;
            EXPECT_THAT(error.what(), testing::HasSubstr("dynamodb://TABLE?region=NAME")) << url;
        }
    }
}

TEST(DynamoDbUrl, GuessesWhatAParameterWasMeantToBe) {
    try {
        parse_url("dynamodb://tts?regoin=eu-west-1", "us-east-1");
        ADD_FAILURE() << "accepted";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), testing::HasSubstr("'regoin', perhaps for 'region'"));
    }
}

}  // namespace
}  // namespace fadeout::records::dynamodb
