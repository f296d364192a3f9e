#pragma once
#include <sys/types.h>

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/test_folder.h"
#include "jobs/redis/connection.h"

namespace fadeout::jobs {

/// A real redis-server on a port and in a folder of its own. It ends with this, and with this process however
/// that ends.
class RedisServer {
  public:
    /// `sync`: when it syncs its file, "always", "everysec" or "no".
    explicit RedisServer(std::string sync = "no");
    ~RedisServer() { stop(); }
    RedisServer(const RedisServer&) = delete;
    RedisServer& operator=(const RedisServer&) = delete;

    std::uint16_t port() const { return port_; }
    pid_t pid() const { return pid_; }
    /// `login`: "user:password@".
    std::string url(int database = 0, const std::string& login = "") const;
    /// One of its sixteen databases, emptied; each call takes the next.
    int fresh_database();

    void start();  ///< again, with what it has in its folder
    void stop();
    void kill();  ///< SIGKILL

    /// The answer to a command in that database; a failure of the test where it is an error.
    redis::Reply command(std::initializer_list<std::string_view> words, int database = 0) const;

  private:
    bool answers() const;
    void wait();

    const std::string sync_;
    TestFolder folder_;
    std::uint16_t port_;
    pid_t pid_ = -1;
    int last_database_ = 0;
};

/// The one that the tests of this program share.
RedisServer& shared_redis();

/// What is wrong with the keys of a database: sorted sets in which a job is missing, is too much or has a
/// wrong score, idempotency keys of no job. Empty: nothing.
std::vector<std::string> audit(const RedisServer& server, int database);

}  // namespace fadeout::jobs
