#include "storage/s3/url.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace fadeout::storage {
namespace {

TEST(S3Url, NamesABucketOfAmazon) {
    const S3Location plain = parse_s3_url("s3://audio");
    EXPECT_EQ(plain.provider, "s3");
    EXPECT_EQ(plain.bucket, "audio");
    EXPECT_EQ(plain.region, "us-east-1");
    EXPECT_EQ(plain.endpoint, "https://s3.us-east-1.amazonaws.com");
    EXPECT_FALSE(plain.path_style);
    EXPECT_EQ(parse_s3_url("s3://audio/?region=eu-central-1").endpoint,
              "https://s3.eu-central-1.amazonaws.com");
    EXPECT_EQ(parse_s3_url("s3://audio?region=cn-north-1").endpoint,
              "https://s3.cn-north-1.amazonaws.com.cn");
    EXPECT_EQ(parse_s3_url("s3://audio", "eu-west-3").region, "eu-west-3");
    EXPECT_EQ(parse_s3_url("s3://audio?region=eu-west-1", "eu-west-3").region, "eu-west-1");
}

TEST(S3Url, NamesAnotherService) {
    for (const char* url :
         {"s3://audio?endpoint=http://127.0.0.1:7480&path_style=1&region=default",
          "s3://audio?endpoint=http%3A%2F%2F127.0.0.1%3A7480&path_style=true&region=default"}) {
        const S3Location location = parse_s3_url(url);
        EXPECT_EQ(location.endpoint, "http://127.0.0.1:7480");
        EXPECT_EQ(location.region, "default");
        EXPECT_TRUE(location.path_style);
    }
}

TEST(S3Url, NamesABucketOfCloudflare) {
    const S3Location location = parse_s3_url("r2://audio?account=0123456789abcdef", "eu-west-3");
    EXPECT_EQ(location.provider, "r2");
    EXPECT_EQ(location.region, "auto");
    EXPECT_EQ(location.endpoint, "https://0123456789abcdef.r2.cloudflarestorage.com");
    EXPECT_TRUE(location.path_style);
}

TEST(S3Url, MayNameAProfile) {
    EXPECT_EQ(parse_s3_url("s3://audio").profile, "");
    EXPECT_EQ(parse_s3_url("s3://audio?profile=old").profile, "old");
    EXPECT_EQ(parse_s3_url("r2://audio?account=a&profile=new").profile, "new");
}

TEST(S3Url, PutsABucketWithDotsIntoThePath) {
    EXPECT_TRUE(parse_s3_url("s3://audio.example.org").path_style)
        << "no certificate covers it as a host name";
    EXPECT_FALSE(parse_s3_url("s3://audio.example.org?path_style=0").path_style);
}

TEST(S3Url, PutsTheBucketIntoThePathOfAnAddress) {
    EXPECT_TRUE(parse_s3_url("s3://audio?endpoint=http://127.0.0.1:9000").path_style);
    EXPECT_TRUE(parse_s3_url("s3://audio?endpoint=http://[::1]:9000").path_style);
    EXPECT_FALSE(parse_s3_url("s3://audio?endpoint=http://s3.example.org").path_style);
    EXPECT_FALSE(parse_s3_url("s3://audio?endpoint=http://127.0.0.1&path_style=0").path_style);
}

TEST(S3Url, RefusesWhatItDoesNotUnderstand) {
    for (const char* url : {"",
                            "https://audio",
                            "s3:audio",
                            "s3://",
                            "s3:///audio",
                            "s3://a/b",
                            "s3://user@audio",
                            "s3://audio?regoin=x",
                            "s3://audio?region",
                            "s3://audio?region=EU",
                            "s3://audio?region=a&region=b",
                            "s3://audio?path_style=maybe",
                            "s3://audio?endpoint=ftp://host",
                            "s3://audio?endpoint=http://host/?x",
                            "s3://audio?endpoint=%zz",
                            "s3://audio?account=1",
                            "s3://audio?region=a.b",
                            "r2://audio",
                            "r2://audio?account=",
                            "r2://audio?account=x.evil.org/",
                            "r2://audio?account=a&endpoint=http://x"})
        EXPECT_THROW(parse_s3_url(url), Error) << url;
    try {
        parse_s3_url("s3://audio?regoin=eu-west-1");
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("did you mean 'region'"), std::string::npos) << error.what();
    }
}

TEST(S3Url, SaysThatAFolderOfABucketIsNoStore) {
    for (const char* url : {"s3://audio/prefix", "s3://audio/prefix/", "r2://audio/a/b?account=x"}) {
        try {
            parse_s3_url(url);
            ADD_FAILURE() << url;
        } catch (const Error& error) {
            EXPECT_NE(std::string(error.what()).find("Name the bucket alone"), std::string::npos)
                << error.what();
        }
    }
}

TEST(IsAmazon, TellsTheServiceFromOthersThatSpeakS3) {
    for (const char* url :
         {"s3://a", "s3://a?region=eu-west-1", "s3://a?endpoint=https://s3.us-east-1.amazonaws.com",
          "s3://a?endpoint=https://s3.cn-north-1.amazonaws.com.cn"})
        EXPECT_TRUE(is_amazon(parse_s3_url(url))) << url;
    for (const char* url : {"s3://a?endpoint=http://gateway:7480",
                            "s3://a?endpoint=https://amazonaws.com.example", "r2://a?account=1"})
        EXPECT_FALSE(is_amazon(parse_s3_url(url))) << url;
}

}  // namespace
}  // namespace fadeout::storage
