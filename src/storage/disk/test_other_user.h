#pragma once
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <optional>

#include "base/error.h"

namespace fadeout::storage::disk {

/// How `act` fails for a user who may not do everything, as root may; nothing where it does not fail.
inline std::optional<ErrorKind> failure_as_other_user(const std::function<void()>& act) {
    constexpr int no_failure = 255, no_such_user = 254;
    const pid_t child = ::fork();
    if (child == 0) {
        try {
            if (::geteuid() == 0 && ::setuid(65534) != 0) ::_exit(no_such_user);
            act();
        } catch (const Error& error) {
            ::_exit(static_cast<int>(error.kind()));
        }
        ::_exit(no_failure);
    }
    int status = 0;
    if (child < 0 || ::waitpid(child, &status, 0) != child || !WIFEXITED(status) ||
        WEXITSTATUS(status) >= no_such_user)
        return std::nullopt;
    return static_cast<ErrorKind>(WEXITSTATUS(status));
}

}  // namespace fadeout::storage::disk
