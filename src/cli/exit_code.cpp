#include "cli/exit_code.h"

namespace fadeout::cli {

int exit_code(ErrorKind kind) noexcept {
    switch (kind) {
        case ErrorKind::invalid:
        case ErrorKind::denied:
        case ErrorKind::unsupported:
        case ErrorKind::misconfigured:
            return exit_refused;
        case ErrorKind::cancelled:
            return exit_interrupted;
        case ErrorKind::not_found:
        case ErrorKind::conflict:
        case ErrorKind::too_large:
        case ErrorKind::unprocessable:
        case ErrorKind::busy:
        case ErrorKind::bad_source:
        case ErrorKind::timeout:
        case ErrorKind::storage_full:
        case ErrorKind::unavailable:
        case ErrorKind::internal:
            break;
    }
    return exit_failed;
}

}  // namespace fadeout::cli
