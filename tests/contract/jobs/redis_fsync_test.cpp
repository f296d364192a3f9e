#include <gmock/gmock.h>

#include <chrono>
#include <mutex>

#include "base/error.h"
#include "fake_redis.h"
#include "jobs/redis/redis_job_queue.h"

namespace fadeout::jobs {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string bulk(const std::string& text) {
    return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
}

/// A server that can tell when its file is synced, which the one of Debian 12 cannot. It takes every job.
class RedisFsync : public testing::Test {
  protected:
    std::string answer(const std::vector<std::string>& command) {
        if (command[0] == "INFO") return bulk("redis_version:7.2.0\r\n");
        if (command[0] == "CONFIG" && command[2] == "appendonly")
            return "*2\r\n" + bulk(command[2]) + bulk("yes");
        if (command[0] == "CONFIG" && command[2] == "appendfsync")
            return "*2\r\n" + bulk(command[2]) + bulk(appendfsync_);
        if (command[0] == "CONFIG") return "*0\r\n";
        std::lock_guard lock(mutex_);
        seen_.push_back(command[0]);
        if (command[0] != "WAITAOF") return ":1\r\n";
        waits_.push_back(command);
        const std::string next =
            waits_.size() > answers_.size() ? "*2\r\n:1\r\n:0\r\n" : answers_[waits_.size() - 1];
        return next == "cut" ? "" : next;
    }
    std::string enqueue() {
        const FakeRedis server([this](const auto& command) { return answer(command); });
        RedisJobQueue queue("redis://127.0.0.1:" + std::to_string(server.port()), clock_, {}, system_random,
                            {.timeouts = {.connect = 1s, .command = 5s}, .wait_for_fsync = wait_for_fsync_});
        try {
            queue.enqueue({"speak", "{}", std::nullopt, ""});
        } catch (const Error& e) {
            return std::string(name(e.kind())) + ": " + e.what();
        }
        return "accepted";
    }

    const SystemClock clock_;
    std::string appendfsync_ = "everysec";
    bool wait_for_fsync_ = true;
    std::vector<std::string> answers_;  ///< to the first WAITAOFs

    std::mutex mutex_;
    std::vector<std::string> seen_;  ///< commands, after those at the start
    std::vector<std::vector<std::string>> waits_;
};

TEST_F(RedisFsync, AcceptsAJobOnceTheFileHasIt) {
    EXPECT_EQ(enqueue(), "accepted");
    EXPECT_THAT(seen_, ElementsAre("EVALSHA", "WAITAOF"));
    EXPECT_THAT(waits_, ElementsAre(ElementsAre("WAITAOF", "1", "0", "4000")));
}

TEST_F(RedisFsync, DoesNotAcceptAJobThatTheFileMayNotHave) {
    answers_ = {"*2\r\n:0\r\n:0\r\n"};
    EXPECT_THAT(enqueue(), testing::AllOf(HasSubstr("unavailable: "), HasSubstr("disk")));
}

// A wait is only worth something after a write on its own connection.
TEST_F(RedisFsync, WritesAgainWhenTheConnectionBreaksDuringTheWait) {
    answers_ = {"cut"};
    EXPECT_EQ(enqueue(), "accepted");
    EXPECT_THAT(seen_, ElementsAre("EVALSHA", "WAITAOF", "EVALSHA", "WAITAOF"));
}

TEST_F(RedisFsync, WaitsOnlyWhereItHelps) {
    appendfsync_ = "always";
    EXPECT_EQ(enqueue(), "accepted");
    appendfsync_ = "everysec";
    wait_for_fsync_ = false;
    EXPECT_EQ(enqueue(), "accepted");
    EXPECT_THAT(waits_, IsEmpty());
}

}  // namespace
}  // namespace fadeout::jobs
