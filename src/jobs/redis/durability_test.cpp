#include "jobs/redis/durability.h"

#include <gmock/gmock.h>

#include "base/error.h"

namespace fadeout::jobs::redis {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

ServerSettings settings(const char* version, const char* appendonly, const char* appendfsync,
                        const char* save = "") {
    return {version, appendonly, appendfsync, save, "noeviction"};
}

TEST(RedisDurability, SaysWhatALossOfPowerCosts) {
    const auto said = [](const ServerSettings& server) { return describe_durability(server, false); };
    EXPECT_EQ(said(settings("7.0.15", "yes", "always")),
              "Redis 7.0.15, append-only file, synced before each answer: no accepted job is lost");
    EXPECT_THAT(said(settings("7.0.15", "yes", "everysec")), HasSubstr("last second"));
    EXPECT_THAT(said(settings("7.2.0", "yes", "no")), HasSubstr("half minute"));
    EXPECT_THAT(said(settings("7.2.0", "no", "everysec", "3600 1")), HasSubstr("snapshots only"));
    EXPECT_THAT(said(settings("7.2.0", "no", "always")), HasSubstr("loses every job"));
    EXPECT_THAT(said({}), HasSubstr("may not be read"));
    EXPECT_THAT(said({"7.0.1", "yes", {}, {}, {}}), HasSubstr("may not be read"));
    EXPECT_THAT(describe_durability(settings("7.2.0", "yes", "everysec"), true), HasSubstr("waits for that"));
}

TEST(RedisDurability, WaitsForTheFileOnlyWhereThatHelps) {
    for (const char* version : {"7.2.0", "7.10.1", "8.0.2", "10.0"})
        EXPECT_TRUE(should_wait_for_fsync(settings(version, "yes", "everysec"))) << version;
    for (const char* version : {"7.1.9", "7.0.15", "6.2.0", "7", "", "x"})
        EXPECT_FALSE(should_wait_for_fsync(settings(version, "yes", "everysec"))) << version;
    EXPECT_FALSE(should_wait_for_fsync(settings("7.2.0", "yes", "always")));
    EXPECT_FALSE(should_wait_for_fsync(settings("7.2.0", "no", "everysec"))) << "WAITAOF would be an error";
    EXPECT_FALSE(should_wait_for_fsync({"7.2.0", {}, {}, {}, {}}));
}

TEST(RedisDurability, RefusesAServerThatForgetsJobs) {
    ServerSettings server = settings("7.0.15", "yes", "always");
    for (const char* harmless : {"noeviction", "volatile-lru", "volatile-ttl"}) {
        server.eviction = harmless;
        EXPECT_NO_THROW(require_no_eviction(server)) << harmless;
    }
    server.eviction = std::nullopt;
    EXPECT_NO_THROW(require_no_eviction(server));
    for (const char* harmful : {"allkeys-lru", "allkeys-lfu", "allkeys-random"}) {
        server.eviction = harmful;
        EXPECT_THROW(require_no_eviction(server), Error) << harmful;
    }
}

TEST(RedisDurability, RefusesClocksThatAreApart) {
    const Time now = from_unix_seconds(1'795'188'600);
    EXPECT_NO_THROW(require_same_time(now, now + 5s));
    EXPECT_NO_THROW(require_same_time(now, now - 5s));
    for (const Time there : {now + 90s, now - 90s}) {
        try {
            require_same_time(now, there);
            ADD_FAILURE();
        } catch (const Error& e) {
            EXPECT_EQ(e.kind(), ErrorKind::misconfigured);
            EXPECT_THAT(e.what(), HasSubstr("NTP"));
        }
    }
}

TEST(RedisDurability, TakesNoOtherServerForRedis) {
    EXPECT_EQ(redis_version("# Server\r\nredis_version:7.0.15\r\n"), "7.0.15");
    EXPECT_EQ(
        redis_version("# Server\r\nredis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.0.1\r\n"),
        "");
    EXPECT_EQ(redis_version(""), "");
}

TEST(RedisDurability, FindsValuesInInfo) {
    const std::string_view info = "# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\nempty:\r\n";
    EXPECT_EQ(info_value(info, "redis_version"), "7.0.15");
    EXPECT_EQ(info_value(info, "redis_mode"), "standalone");
    EXPECT_EQ(info_value(info, "empty"), "");
    EXPECT_EQ(info_value(info, "redis"), "");
    EXPECT_EQ(info_value("", "redis_version"), "");
}

}  // namespace
}  // namespace fadeout::jobs::redis
