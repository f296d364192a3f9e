#include "base/error.h"

#include <cerrno>
#include <system_error>

namespace fadeout {

std::string_view name(ErrorKind kind) noexcept {
    switch (kind) {
        case ErrorKind::invalid:
            return "invalid";
        case ErrorKind::denied:
            return "denied";
        case ErrorKind::not_found:
            return "not_found";
        case ErrorKind::conflict:
            return "conflict";
        case ErrorKind::too_large:
            return "too_large";
        case ErrorKind::unsupported:
            return "unsupported";
        case ErrorKind::unprocessable:
            return "unprocessable";
        case ErrorKind::busy:
            return "busy";
        case ErrorKind::bad_source:
            return "bad_source";
        case ErrorKind::timeout:
            return "timeout";
        case ErrorKind::storage_full:
            return "storage_full";
        case ErrorKind::unavailable:
            return "unavailable";
        case ErrorKind::misconfigured:
            return "misconfigured";
        case ErrorKind::cancelled:
            return "cancelled";
        case ErrorKind::internal:
            return "internal";
    }
    return "internal";
}

std::string with_detail(const Error& error) {
    std::string text = error.what();
    if (!error.detail().empty()) text += " (" + error.detail() + ')';
    return text;
}

Error system_error(int errno_value, std::string_view doing, std::string detail) {
    const std::string reason = std::generic_category().message(errno_value);
    detail = detail.empty() ? reason : detail + ": " + reason;
    const std::string what = "Could not " + std::string(doing) + ": ";
    switch (errno_value) {
        case ENOSPC:
        case EDQUOT:
            return {ErrorKind::storage_full,
                    what + "no space is left in the store. Free some, then try again.", std::move(detail)};
        case ENOENT:
            return {ErrorKind::not_found, what + "it does not exist.", std::move(detail)};
        case EACCES:
        case EPERM:
            return {ErrorKind::denied, what + "permission denied.", std::move(detail)};
        default:
            return {ErrorKind::internal, what + "the system refused.", std::move(detail)};
    }
}

}  // namespace fadeout
