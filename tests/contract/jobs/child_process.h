#pragma once
#include <signal.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fadeout::jobs {

/// Runs `body` in a process of its own, which ends with it: well, unless it throws.
template <class Body>
pid_t in_child(Body&& body) {
    const pid_t child = ::fork();
    if (child != 0) return child;
    try {
        body();
    } catch (...) {
        ::_exit(1);
    }
    ::_exit(0);
}

inline bool ended_well(pid_t child) {
    int status = 0;
    return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

inline void kill_child(pid_t child) {
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
}

}  // namespace fadeout::jobs
