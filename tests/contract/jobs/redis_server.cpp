#include "redis_server.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

#include "base/error.h"
#include "jobs/redis/durability.h"
#include "loopback.h"

namespace fadeout::jobs {

using redis::elements;
using redis::Reply;
using redis::text;

namespace {

/// Free now; that it stays so until the server takes it is likely enough.
std::uint16_t free_port() {
    std::uint16_t port = 0;
    bind_free_port(port);
    return port;
}

}  // namespace

RedisServer::RedisServer(std::string sync) : sync_(std::move(sync)), port_(free_port()) {
    start();
}

std::string RedisServer::url(int database, const std::string& login) const {
    return "redis://" + login + "127.0.0.1:" + std::to_string(port_) + "/" + std::to_string(database);
}

int RedisServer::fresh_database() {
    last_database_ = (last_database_ + 1) % 16;
    command({"FLUSHDB"}, last_database_);
    return last_database_;
}

void RedisServer::start() {
    const std::string script = FADEOUT_SOURCE_DIR "/tests/servers/start-redis.sh";
    const std::string port = std::to_string(port_), folder = folder_.path().string();
    pid_ = ::fork();
    if (pid_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::execl(script.c_str(), script.c_str(), "-f", "-p", port.c_str(), "-d", folder.c_str(), "-s",
                sync_.c_str(), nullptr);
        ::_exit(127);
    }
    for (int i = 0; i < 1'000; ++i) {
        if (answers()) return;
        if (::waitpid(pid_, nullptr, WNOHANG) == pid_) break;
        ::usleep(10'000);
    }
    throw std::runtime_error("redis-server does not start (apt-get install redis-server)");
}

/// Asks for the process id, since another server may have taken the port.
bool RedisServer::answers() const {
    try {
        const Reply info = redis::Connection({"127.0.0.1", port_, "", "", 0}, {})
                               .call(std::initializer_list<std::string_view>{"INFO"});
        return info && redis::info_value(text(*info), "process_id") == std::to_string(pid_) &&
               redis::info_value(text(*info), "loading") == "0";
    } catch (const Error&) {
        return false;
    }
}

void RedisServer::stop() {
    if (pid_ > 0) ::kill(pid_, SIGTERM);
    wait();
}

void RedisServer::kill() {
    ::kill(pid_, SIGKILL);
    wait();
}

void RedisServer::wait() {
    if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
}

Reply RedisServer::command(std::initializer_list<std::string_view> words, int database) const {
    redis::Connection connection({"127.0.0.1", port_, "", "", database}, {});
    Reply reply = connection.call({words.begin(), words.size()});
    if (!reply) throw std::runtime_error("redis-server is gone");
    EXPECT_FALSE(redis::is_error(*reply)) << *words.begin() << ": " << text(*reply);
    return reply;
}

RedisServer& shared_redis() {
    static RedisServer server;
    return server;
}

namespace {

constexpr std::string_view prefix = "fadeout:jobs:";

using Members = std::map<std::string, double>;             ///< with their scores
using Sets = std::map<std::string, Members, std::less<>>;  ///< by name, without the prefix
using Fields = std::map<std::string, std::string>;

Fields read_hash(const RedisServer& server, int database, const std::string& key) {
    const Reply reply = server.command({"HGETALL", key}, database);
    const auto pairs = elements(*reply);
    Fields fields;
    for (std::size_t i = 0; i + 1 < pairs.size(); i += 2)
        fields.emplace(text(*pairs[i]), text(*pairs[i + 1]));
    return fields;
}

Members read_set(const RedisServer& server, int database, const std::string& key) {
    const Reply reply = server.command({"ZRANGE", key, "0", "-1", "WITHSCORES"}, database);
    const auto pairs = elements(*reply);
    Members members;
    for (std::size_t i = 0; i + 1 < pairs.size(); i += 2)
        members.emplace(text(*pairs[i]), std::stod(std::string(text(*pairs[i + 1]))));
    return members;
}

std::string wide(const std::string& number) {
    return std::string(19 - number.size(), '0') + number;
}

/// Where a job should be.
void place(Sets& sets, const Fields& job) {
    const std::string& state = job.at("state");
    const std::string& type = job.at("type");
    const std::string created = wide(job.at("created_at")) + job.at("id");
    for (const std::string& set :
         {std::string("all"), "type:" + type, "state:" + state, "state:" + state + ":" + type})
        sets[set][created] = 0;
    const std::string arrived = wide(job.at("arrival")) + job.at("id");
    if (state == "queued")
        sets["due"][arrived] = sets["due:" + type][arrived] = std::stod(job.at("run_at"));
    else if (state == "leased")
        sets["leased"][arrived] = std::stod(job.at("lease_until"));
    else
        sets["ended"][arrived] = std::stod(job.at("updated_at"));
}

}  // namespace

std::vector<std::string> audit(const RedisServer& server, int database) {
    Sets expected, found;
    Fields expected_keys, found_keys;
    const Reply keys = server.command({"KEYS", "*"}, database);
    for (const redisReply* element : elements(*keys)) {
        const std::string key(text(*element));
        const std::string name = key.substr(std::min(key.size(), prefix.size()));
        if (name.starts_with("job:")) {
            const Fields job = read_hash(server, database, key);
            place(expected, job);
            if (!job.at("idempotency_key").empty()) expected_keys[job.at("idempotency_key")] = job.at("id");
        } else if (name == "keys") {
            found_keys = read_hash(server, database, key);
        } else if (name != "arrivals" && name != "check" && !name.starts_with("tenure:")) {
            found[name] = read_set(server, database, key);
        }
    }
    std::vector<std::string> wrong;
    if (found_keys != expected_keys) wrong.push_back("keys");
    for (const auto& [name, members] : expected)
        if (found[name] != members) wrong.push_back(name);
    for (const auto& [name, members] : found)
        if (!expected.contains(name)) wrong.push_back(name);
    return wrong;
}

}  // namespace fadeout::jobs
