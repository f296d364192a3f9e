#include "storage/disk/store_error.h"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

namespace fadeout::storage::disk {

Error store_error(int errno_value, std::string_view doing, std::string detail) {
    const auto error = [&](ErrorKind kind, std::string_view reason) {
        return Error(kind, fmt::format("Could not {}: {}", doing, reason),
                     fmt::format("{}{}{}", detail, detail.empty() ? "" : ": ",
                                 std::generic_category().message(errno_value)));
    };
    switch (errno_value) {
        case EACCES:
        case EPERM:
            return error(
                ErrorKind::misconfigured,
                "the store's folder does not permit it. Let the user that fadeout runs as own all in it.");
        case EROFS:
            return error(ErrorKind::misconfigured,
                         "the store's disk is mounted read-only. Mount it writable; look at the system's log "
                         "for why.");
        case EIO:
        case ESTALE:
        case ETIMEDOUT:
        case ENOTCONN:
        case EHOSTDOWN:
        case EHOSTUNREACH:
            return error(ErrorKind::unavailable,
                         "the store's disk fails. Look at the system's log and at where it is mounted from.");
        default:
            return system_error(errno_value, doing, std::move(detail));
    }
}

}  // namespace fadeout::storage::disk
