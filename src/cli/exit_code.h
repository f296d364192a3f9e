#pragma once
#include <string_view>

#include "base/error.h"

namespace fadeout::cli {

inline constexpr int exit_ok = 0;
inline constexpr int exit_failed = 1;         ///< it did not work: the media, the store, some of the keys
inline constexpr int exit_refused = 2;        ///< wrong arguments or settings, or not allowed
inline constexpr int exit_interrupted = 130;  ///< SIGINT or SIGTERM; as shells count it: 128 + 2

int exit_code(ErrorKind kind) noexcept;

/// For --help.
inline constexpr std::string_view exit_codes_help =
    "Exit codes: 0 done, 1 failed (sweep, cleanup, migrate: some keys), 2 wrong arguments or refused, "
    "130 interrupted.";

}  // namespace fadeout::cli
