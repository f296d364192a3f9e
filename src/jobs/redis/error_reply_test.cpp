#include "jobs/redis/error_reply.h"

#include <gmock/gmock.h>

namespace fadeout::jobs::redis {
namespace {

TEST(RedisErrorReply, TellsWhatToDo) {
    const struct {
        const char* reply;
        ErrorKind kind;
        const char* advice;
    } cases[] = {
        {"LOADING Redis is loading the dataset in memory", ErrorKind::unavailable, "Try again"},
        {"BUSY Redis is busy running a script.", ErrorKind::unavailable, "Try again"},
        {"OOM command not allowed when used memory > 'maxmemory'. script: ab, on @user_script:9.",
         ErrorKind::storage_full, "maxmemory"},
        {"MISCONF Errors writing to the AOF file: No space left on device", ErrorKind::storage_full, "disk"},
        {"READONLY You can't write against a read only replica.", ErrorKind::unavailable, "primary"},
        {"NOAUTH Authentication required.", ErrorKind::misconfigured, "user and password"},
        {"WRONGPASS invalid username-password pair or user is disabled.", ErrorKind::misconfigured,
         "right user"},
        {"ERR AUTH <password> called without any password configured for the default user.",
         ErrorKind::misconfigured, "leave it out"},
        {"NOPERM this user has no permissions to run the 'evalsha' command", ErrorKind::misconfigured,
         "permission"},
        {"ERR DB index is out of range", ErrorKind::misconfigured, "database"},
        {"MOVED 3999 10.0.0.1:6381", ErrorKind::misconfigured, "cluster"},
        {"WRONGTYPE Operation against a key holding the wrong kind of value", ErrorKind::misconfigured,
         "another database"},
        {"ERR Error running script (call to f_0a1b): @user_script:88: @user_script: 88: -OOM command not "
         "allowed "
         "when used memory > 'maxmemory'. ",
         ErrorKind::storage_full, "maxmemory"},
        {"ERR Error running script (call to f_0a1b): @user_script:60: WRONGTYPE Operation against a key "
         "holding "
         "the wrong kind of value ",
         ErrorKind::misconfigured, "another database"},
        {"ERR Error running script (call to f_0a1b): @user_script:9: a bug", ErrorKind::internal, "log"},
        {"ERR something new", ErrorKind::internal, "log"},
        {"", ErrorKind::internal, "log"},
    };
    for (const auto& expected : cases) {
        const Error error = to_error(expected.reply);
        EXPECT_EQ(error.kind(), expected.kind) << expected.reply;
        EXPECT_THAT(error.what(), testing::HasSubstr(expected.advice)) << expected.reply;
        EXPECT_EQ(error.detail(), expected.reply);
    }
}

TEST(RedisErrorReply, KnowsAReplicaAlsoFromWithinAScript) {
    EXPECT_TRUE(is_of_a_replica("READONLY You can't write against a read only replica."));
    EXPECT_TRUE(
        is_of_a_replica("ERR Error running script (call to f_0a1b): @user_script:88: @user_script: 88: "
                        "-READONLY You can't write "
                        "against a read only replica. "));
    EXPECT_FALSE(is_of_a_replica("LOADING Redis is loading the dataset in memory"));
}

TEST(RedisErrorReply, LeaksNothingToThePublic) {
    EXPECT_THAT(to_error("MOVED 3999 10.0.0.1:6381").what(), testing::Not(testing::HasSubstr("10.0.0.1")));
    EXPECT_THAT(to_error("ERR at 10.0.0.1").what(), testing::Not(testing::HasSubstr("10.0.0.1")));
}

}  // namespace
}  // namespace fadeout::jobs::redis
