#include "storage/s3/url_key.h"

#include <gtest/gtest.h>

namespace fadeout::storage::s3 {
namespace {

/// The key that a store of that URL sees in `url`; "" for none.
std::string key_in(const std::string& store, const std::string& url,
                   const std::vector<PublicUrl>& further = {}) {
    const S3Location location = parse_s3_url(store);
    auto key = key_below(endpoints(location, further), url);
    if (!key) key = amazon_key(location, url);
    return key ? key->str() : "";
}

TEST(UrlKey, AmazonSpellsOneObjectInManyWays) {
    const std::string store = "s3://my-audio?region=eu-central-1";
    for (const char* host :
         {"s3.amazonaws.com", "s3.eu-central-1.amazonaws.com", "s3-eu-central-1.amazonaws.com",
          "s3.dualstack.eu-central-1.amazonaws.com", "s3-us-gov-west-1.amazonaws.com",
          "s3-fips.us-east-1.amazonaws.com", "s3-external-1.amazonaws.com", "s3.cn-north-1.amazonaws.com.cn",
          "S3.Amazonaws.com:443"}) {
        const std::string name = host;
        EXPECT_EQ(
            key_in(store, "https://" + name + "/my-audio/processed-audio/1/x%20y.mp3?X-Amz-Signature=1#t"),
            "processed-audio/1/x y.mp3")
            << host;
        EXPECT_EQ(key_in(store, "https://my-audio." + name + "/processed-audio/x.mp3"),
                  "processed-audio/x.mp3")
            << host;
        EXPECT_EQ(key_in(store, "https://other." + name + "/processed-audio/x.mp3"), "") << host;
        EXPECT_EQ(key_in(store, "https://" + name + "/other/processed-audio/x.mp3"), "") << host;
        EXPECT_EQ(key_in("s3://my-audio?endpoint=http://127.0.0.1:7480",
                         "https://my-audio." + name + "/processed-audio/x.mp3"),
                  "")
            << "the same name at another service: " << host;
    }
    EXPECT_EQ(key_in(store, "http://my-audio.s3-accelerate.amazonaws.com/a"), "a");
    EXPECT_EQ(key_in("s3://my.audio", "https://my.audio.s3.eu-west-1.amazonaws.com/a"), "a");
}

TEST(UrlKey, WhatOnlyLooksLikeAmazonIsNot) {
    for (const char* url :
         {"https://my-audio.s3-website-us-east-1.amazonaws.com/a",
          "https://my-audio.s3-website.eu-central-1.amazonaws.com/a",
          "https://my-audio.s3-accesspoint.us-east-1.amazonaws.com/a",
          "https://my-audio.s3.amazonaws.com.evil.example/a",
          "https://s3.amazonaws.com.evil.example/my-audio/a", "https://evilamazonaws.com/my-audio/a",
          "https://my-audio.ec2.amazonaws.com/a", "https://my-audio.s3.us-east-1.evil.amazonaws.com/a",
          "https://s3.amazonaws.com@evil.example/my-audio/a",
          "https://evil.example/?https://s3.amazonaws.com/my-audio/a",
          "https://s3.amazonaws.com:8443/my-audio/a", "ftp://s3.amazonaws.com/my-audio/a", "s3://my-audio/a",
          "https://s3.amazonaws.com/my-audio", "https://s3.amazonaws.com/my-audio/",
          "https://s3.amazonaws.com/my-audio-2/a", "my-audio/a", ""})
        EXPECT_EQ(key_in("s3://my-audio", url), "") << url;
}

TEST(UrlKey, AnotherServiceHasBothStyles) {
    const std::string ceph = "s3://audio?endpoint=http://rgw.internal:7480&path_style=1";
    EXPECT_EQ(key_in(ceph, "http://rgw.internal:7480/audio/temp/x.mp3?AWSAccessKeyId=1&Signature=2"),
              "temp/x.mp3");
    EXPECT_EQ(key_in(ceph, "http://audio.rgw.internal:7480/temp/x.mp3"), "temp/x.mp3");
    EXPECT_EQ(key_in(ceph, "http://rgw.internal/audio/temp/x.mp3"), "");
    EXPECT_EQ(key_in(ceph, "https://rgw.internal:7480/audio/temp/x.mp3"), "");
    const std::string below = "s3://audio?endpoint=https://h/s3&path_style=1";
    EXPECT_EQ(key_in(below, "https://h/s3/audio/x"), "x");
    EXPECT_EQ(key_in(below, "https://h/audio/x"), "");
}

TEST(UrlKey, CloudflareHasBothStyles) {
    const std::string r2 = "r2://audio?account=0123abcd";
    EXPECT_EQ(
        key_in(r2, "https://0123abcd.r2.cloudflarestorage.com/audio/processed-audio/x.mp3?X-Amz-Date=1"),
        "processed-audio/x.mp3");
    EXPECT_EQ(key_in(r2, "https://audio.0123abcd.r2.cloudflarestorage.com/processed-audio/x.mp3"),
              "processed-audio/x.mp3");
    EXPECT_EQ(key_in(r2, "https://other.r2.cloudflarestorage.com/audio/processed-audio/x.mp3"), "");
}

TEST(UrlKey, PublicDomainsAreTheOperatorsWord) {
    const std::vector<PublicUrl> further{PublicUrl::parse("https://cdn.example.com"),
                                         PublicUrl::parse("http://gateway:7480/audio")};
    const std::string r2 = "r2://audio?account=0123abcd";
    EXPECT_EQ(key_in(r2, "https://cdn.example.com/processed-audio/x.mp3?v=1", further),
              "processed-audio/x.mp3");
    EXPECT_EQ(key_in(r2, "http://gateway:7480/audio/processed-audio/x.mp3", further),
              "processed-audio/x.mp3");
    EXPECT_EQ(key_in(r2, "https://cdn.example.com/processed-audio/x.mp3"), "");
}

TEST(UrlKey, WhatIsNoKeyIsNothing) {
    const std::string store = "s3://audio?endpoint=http://h&path_style=1";
    EXPECT_EQ(key_in(store, "http://h/audio/a%2Fb.mp3"), "a/b.mp3");
    EXPECT_EQ(key_in(store, "http://h/audio/s%C3%B6ng%2B.mp3"), "söng+.mp3");
    EXPECT_EQ(key_in(store, "http://h/audio/a+b@c.mp3"), "a+b@c.mp3");
    for (const char* path : {"", "/", "a//b", "a/", "../x", "a/%2e%2e/b", "%2e%2e/other/x", ".hidden", "a%00",
                             "%zz", "%ff", "a%0Ab", "x.fadeout-meta", "a\\b"})
        EXPECT_EQ(key_in(store, std::string("http://h/audio/") + path), "") << path;
    EXPECT_EQ(key_in(store, "http://h/audio/" + std::string(1025, 'a')), "");
}

}  // namespace
}  // namespace fadeout::storage::s3
