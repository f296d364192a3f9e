#include "jobs/redis/error_reply.h"

#include <algorithm>
#include <array>
#include <string>

namespace fadeout::jobs::redis {

namespace {

struct Meaning {
    std::string_view start;  ///< of the answer
    ErrorKind kind;
    std::string_view advice;
};

constexpr std::string_view wrong_login =
    "The job queue's Redis does not accept the login. Set the right user and password in queue.url.";
constexpr std::string_view wrong_database =
    "The job queue's Redis has no database of the number in queue.url. Name one that it has, such as 0.";
constexpr std::string_view is_cluster =
    "The job queue's Redis is a cluster, which is not supported. Name a single server in queue.url.";

/// The first that fits. The words of Redis 5 to 8 (server.c, acl.c, db.c).
constexpr std::array meanings = {
    Meaning{"LOADING", ErrorKind::unavailable,
            "The job queue's Redis has just started and still reads its data. Try again in a moment."},
    Meaning{"BUSY", ErrorKind::unavailable,
            "The job queue's Redis is busy with another script. Try again in a moment."},
    Meaning{"OOM", ErrorKind::storage_full,
            "The job queue's Redis has reached its memory limit. Raise its maxmemory, or forget ended jobs "
            "sooner."},
    Meaning{"MISCONF", ErrorKind::storage_full,
            "The job queue's Redis cannot write to its disk and takes nothing new. Its own log tells why; "
            "most often "
            "the disk is full."},
    Meaning{"READONLY", ErrorKind::unavailable,
            "The job queue's Redis is a read-only replica. Name the primary in queue.url."},
    Meaning{"MASTERDOWN", ErrorKind::unavailable,
            "The job queue's Redis is a replica that lost its primary. Name the primary in queue.url."},
    Meaning{"NOREPLICAS", ErrorKind::unavailable,
            "The job queue's Redis has too few replicas to take writes. Start them, or lower "
            "min-replicas-to-write."},
    Meaning{"NOAUTH", ErrorKind::misconfigured,
            "The job queue's Redis asks for a login. Set user and password in queue.url."},
    Meaning{"WRONGPASS", ErrorKind::misconfigured, wrong_login},
    Meaning{"ERR invalid password", ErrorKind::misconfigured, wrong_login},
    Meaning{"ERR AUTH ", ErrorKind::misconfigured,
            "The job queue's Redis has no password set. Set one there, or leave it out of queue.url."},
    Meaning{"ERR Client sent AUTH", ErrorKind::misconfigured,
            "The job queue's Redis has no password set. Set one there, or leave it out of queue.url."},
    Meaning{"NOPERM", ErrorKind::misconfigured,
            "The job queue's Redis user lacks a permission. Allow it the keys fadeout:* and the commands of "
            "sorted "
            "sets, hashes, strings and scripting."},
    Meaning{"ERR DB index", ErrorKind::misconfigured, wrong_database},
    Meaning{"ERR invalid DB index", ErrorKind::misconfigured, wrong_database},
    Meaning{"ERR SELECT is not allowed", ErrorKind::misconfigured, is_cluster},
    Meaning{"MOVED", ErrorKind::misconfigured, is_cluster},
    Meaning{"CROSSSLOT", ErrorKind::misconfigured, is_cluster},
    Meaning{"CLUSTERDOWN", ErrorKind::unavailable, is_cluster},
    Meaning{"ERR max number of clients", ErrorKind::unavailable,
            "The job queue's Redis has no connection left. Raise its maxclients, or run fewer nodes."},
    Meaning{"DENIED", ErrorKind::misconfigured,
            "The job queue's Redis is in protected mode and talks to its own machine only. Set a password "
            "there."},
    Meaning{"WRONGTYPE", ErrorKind::misconfigured,
            "The job queue's Redis database holds keys fadeout:* that are not of this program. Name another "
            "database "
            "in queue.url."},
};

/// What went wrong in a script. Redis 5 and 6 say it behind where it was: "ERR Error running script (call to
/// f_0a): @user_script:9: @user_script: 9: -OOM command not allowed ...", later ones before it.
std::string_view cause_of(std::string_view reply) {
    constexpr std::string_view place = "@user_script:";
    const std::size_t last = reply.rfind(place);
    if (!reply.starts_with("ERR Error running script") || last == std::string_view::npos) return reply;
    const std::string_view cause = reply.substr(last + place.size());
    return cause.substr(std::min(cause.find_first_not_of(" 0123456789:-"), cause.size()));
}

}  // namespace

bool is_of_a_replica(std::string_view reply) {
    return cause_of(reply).starts_with("READONLY");
}

Error to_error(std::string_view reply) {
    const std::string_view cause = cause_of(reply);
    for (const Meaning& meaning : meanings)
        if (cause.starts_with(meaning.start))
            return {meaning.kind, std::string(meaning.advice), std::string(reply)};
    return {ErrorKind::internal,
            "The job queue's Redis answered with an unexpected error. The log tells which.",
            std::string(reply)};
}

}  // namespace fadeout::jobs::redis
