#include "jobs/redis/address.h"

#include <gmock/gmock.h>

#include "base/error.h"

namespace fadeout::jobs::redis {
namespace {

std::string refusal(std::string_view url) {
    try {
        parse_url(url);
    } catch (const Error& e) {
        EXPECT_EQ(e.kind(), ErrorKind::invalid) << url;
        return e.what();
    }
    ADD_FAILURE() << "accepted " << url;
    return "";
}

TEST(RedisAddress, ReadsEveryPart) {
    EXPECT_EQ(parse_url("redis://jobs:s3cret@queue.example:6380/7"),
              (Address{"queue.example", 6380, "jobs", "s3cret", 7}));
}

TEST(RedisAddress, HasTheUsualDefaults) {
    const Address expected{"localhost", 6379, "", "", 0};
    for (const char* url : {"redis://localhost", "redis://localhost/", "redis://localhost:6379",
                            "redis://localhost:6379/", "redis://localhost/0"})
        EXPECT_EQ(parse_url(url), expected) << url;
}

TEST(RedisAddress, APasswordNeedsNoUser) {
    EXPECT_EQ(parse_url("redis://:s3cret@h"), (Address{"h", 6379, "", "s3cret", 0}));
}

TEST(RedisAddress, DecodesUserAndPassword) {
    EXPECT_EQ(parse_url("redis://a%3Ab:p%40%25%2F@h/1"), (Address{"h", 6379, "a:b", "p@%/", 1}));
}

TEST(RedisAddress, TakesAPasswordAsItIs) {
    EXPECT_EQ(parse_url("redis://u:p@ss:w/o?r#d@h:1/2"), (Address{"h", 1, "u", "p@ss:w/o?r#d", 2}));
}

TEST(RedisAddress, TakesIpv6InBrackets) {
    EXPECT_EQ(parse_url("redis://[::1]:7000/3"), (Address{"::1", 7000, "", "", 3}));
    EXPECT_EQ(parse_url("redis://[fd00::2]"), (Address{"fd00::2", 6379, "", "", 0}));
}

TEST(RedisAddress, RefusesWhatItDoesNotUnderstand) {
    for (const char* url : {"",
                            "localhost:6379",
                            "http://localhost",
                            "redis:/localhost",
                            "redis://",
                            "redis:///0",
                            "redis://:6379",
                            "redis://h:0",
                            "redis://h:65536",
                            "redis://h:port",
                            "redis://h:",
                            "redis://h:63 79",
                            "redis://h:-1",
                            "redis://h/-1",
                            "redis://h/x",
                            "redis://h/1/2",
                            "redis://h/0?timeout=1",
                            "redis://user@h",
                            "redis://user:@h",
                            "redis://u:p%4@h",
                            "redis://[::1",
                            "redis://[::1]6379",
                            "redis://[]:1"})
        EXPECT_THAT(refusal(url), testing::HasSubstr("redis://[user:password@]host:port/database")) << url;
    EXPECT_THAT(refusal("rediss://h"), testing::HasSubstr("TLS"));
    EXPECT_THAT(refusal("redis://h?db=1"), testing::HasSubstr("'?'"));
}

TEST(RedisAddress, NeverShowsThePassword) {
    for (const char* url :
         {"redis://u:s3cret@h:x", "redis://u:s3cret%4@h", "redis://u:s3cret@", "u:s3cret@h"})
        EXPECT_THAT(refusal(url), testing::Not(testing::HasSubstr("s3cret"))) << url;
    EXPECT_EQ(describe(parse_url("redis://u:s3cret@h:1/2")), "h:1/2");
    EXPECT_EQ(describe(parse_url("redis://[::1]")), "[::1]:6379/0");
}

}  // namespace
}  // namespace fadeout::jobs::redis
