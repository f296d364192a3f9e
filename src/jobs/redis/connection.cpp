#include "jobs/redis/connection.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cerrno>
#include <string>
#include <vector>

#include "base/error.h"
#include "jobs/redis/error_reply.h"

namespace fadeout::jobs::redis {

namespace {

timeval to_timeval(Duration duration) {
    const auto count = duration.count();
    return {static_cast<time_t>(count / 1'000), static_cast<suseconds_t>(count % 1'000 * 1'000)};
}

Error not_reached(const Address& address, std::string_view why) {
    return {ErrorKind::unavailable,
            "The job queue's Redis cannot be reached. Check that it runs and that queue.url names it.",
            describe(address) + ": " + std::string(why)};
}

}  // namespace

Connection::Connection(const Address& address, const Timeouts& timeouts)
    : context_(redisConnectWithTimeout(address.host.c_str(), address.port, to_timeval(timeouts.connect))) {
    if (!context_) throw not_reached(address, "out of memory");
    if (context_->err) throw not_reached(address, context_->errstr);
    if (redisSetTimeout(context_.get(), to_timeval(timeouts.command)) != REDIS_OK)
        throw not_reached(address, context_->errstr);
    redisEnableKeepAlive(context_.get());
    ::fcntl(context_->fd, F_SETFD, FD_CLOEXEC);
    log_in(address);
}

void Connection::log_in(const Address& address) {
    if (!address.password.empty()) {
        std::vector<std::string_view> login = {"AUTH", address.password};
        if (!address.user.empty()) login.insert(login.begin() + 1, address.user);
        require_ok(login);
    }
    if (address.database != 0)
        require_ok(std::array<std::string_view, 2>{"SELECT", std::to_string(address.database)});
}

void Connection::require_ok(Command command) {
    const Reply reply = call(command);
    if (!reply)
        throw Error(
            ErrorKind::unavailable,
            "The job queue's Redis closed the connection at once. Check that queue.url names a Redis server.",
            "no answer to " + std::string(command.front()));
    if (is_error(*reply)) throw to_error(text(*reply));
}

Reply Connection::call(Command command) {
    if (!usable_ || !send(command)) return {};
    return receive();
}

/// Not by hiredis, which would raise SIGPIPE where the server is gone.
bool Connection::send(Command command) {
    std::vector<const char*> arguments;
    std::vector<std::size_t> sizes;
    for (const std::string_view argument : command) {
        arguments.push_back(argument.data());
        sizes.push_back(argument.size());
    }
    char* formatted = nullptr;
    const auto size =
        redisFormatCommandArgv(&formatted, static_cast<int>(command.size()), arguments.data(), sizes.data());
    if (size < 0) throw Error(ErrorKind::internal, "A command for Redis is too large.");
    const std::unique_ptr<char, decltype(&redisFreeCommand)> owner(formatted, redisFreeCommand);
    for (std::string_view rest(formatted, static_cast<std::size_t>(size)); !rest.empty();) {
        const ssize_t sent = ::send(context_->fd, rest.data(), rest.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) {
            usable_ = false;
            require_in_time(errno);
            return false;
        }
        rest.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

Reply Connection::receive() {
    void* reply = nullptr;
    errno = 0;
    if (redisGetReply(context_.get(), &reply) == REDIS_OK && reply)
        return Reply(static_cast<redisReply*>(reply));
    usable_ = false;
    require_in_time(errno);
    if (context_->err == REDIS_ERR_PROTOCOL || context_->err == REDIS_ERR_OTHER)
        throw Error(ErrorKind::unavailable,
                    "What queue.url names does not answer as Redis does. Check host and port.",
                    context_->errstr);
    return {};
}

void Connection::require_in_time(int errno_value) {
    if (errno_value == EAGAIN || errno_value == EWOULDBLOCK || errno_value == ETIMEDOUT)
        throw Error(
            ErrorKind::unavailable,
            "The job queue's Redis does not answer in time. Try again in a moment, and check that queue.url "
            "names a Redis server.");
}

}  // namespace fadeout::jobs::redis
