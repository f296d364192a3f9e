#include "jobs/redis/client.h"

#include <openssl/evp.h>

#include <array>
#include <optional>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "jobs/redis/error_reply.h"

namespace fadeout::jobs::redis {

namespace {

constexpr int max_tries = 3;

std::string sha1_hex(std::string_view text) {
    std::array<unsigned char, 20> digest{};
    if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha1(), nullptr) != 1)
        throw Error(ErrorKind::internal, "The SHA-1 of a script cannot be computed.");
    return to_hex(digest);
}

/// Runs the script by its digest, or by its text where the server does not know it yet.
Reply evaluate(Connection& connection, const Script& script, std::string_view key, Command arguments) {
    std::vector<std::string_view> command = {"EVALSHA", script.sha1(), "1", key};
    command.insert(command.end(), arguments.begin(), arguments.end());
    Reply reply = connection.call(command);
    if (!reply || !is_error(*reply) || !text(*reply).starts_with("NOSCRIPT")) return reply;
    command[0] = "EVAL";
    command[1] = script.text();
    return connection.call(command);
}

/// False: the connection broke.
bool wait_for_fsync(Connection& connection, Duration limit) {
    const std::string milliseconds = std::to_string(limit.count());
    const Reply synced = connection.call(std::array<std::string_view, 4>{"WAITAOF", "1", "0", milliseconds});
    if (!synced) return false;
    if (is_error(*synced)) throw to_error(text(*synced));
    const auto copies = elements(*synced);
    if (copies.empty() || copies[0]->integer < 1)
        throw Error(
            ErrorKind::unavailable,
            "The job queue's Redis did not get the job onto its disk in time. Try again in a moment.");
    return true;
}

}  // namespace

Script::Script(std::string text) : text_(std::move(text)), sha1_(sha1_hex(text_)) {}

Reply Client::call(Command command) {
    return exchange([&](Connection& connection) { return connection.call(command); });
}

Reply Client::run(const Script& script, std::string_view key, Command arguments, Duration fsync_within) {
    return exchange([&](Connection& connection) -> Reply {
        Reply reply = evaluate(connection, script, key, arguments);
        if (!reply || is_error(*reply) || fsync_within == Duration::zero()) return reply;
        if (!wait_for_fsync(connection, fsync_within)) return {};
        return reply;
    });
}

Reply Client::exchange(const Exchange& exchange) {
    std::optional<Error> read_only;
    for (int tries = 0; tries < max_tries; ++tries) {
        Pool::Loan connection = pool_.lend();
        Reply reply = exchange(*connection);
        if (reply && !is_error(*reply)) return reply;
        if (reply && !is_of_a_replica(text(*reply))) throw to_error(text(*reply));
        if (reply) {
            read_only.emplace(to_error(text(*reply)));
            (*connection).retire();
        }
        pool_.drop_idle();
    }
    if (read_only) throw Error(*read_only);
    throw Error(ErrorKind::unavailable,
                "The job queue's Redis keeps breaking off the connection. Its own log may tell why.");
}

}  // namespace fadeout::jobs::redis
