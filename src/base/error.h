#pragma once
#include <stdexcept>
#include <string>
#include <string_view>

namespace fadeout {

/// Why an operation failed, in terms of who can mend it. HTTP statuses and exit codes are derived from this
/// in one function each (http/status.h, cli/exit_code.h); nothing below them knows either.
enum class ErrorKind {
    invalid,        ///< the request is wrong: a missing, malformed or out-of-range value
    denied,         ///< a signature, key or permission does not allow it
    not_found,      ///< the named thing does not exist (any more)
    conflict,       ///< the named thing is in a state that forbids it
    too_large,      ///< input, text or duration beyond a limit
    unsupported,    ///< a media type or method that this never handles
    unprocessable,  ///< well-formed request, but the media cannot be decoded or rendered
    busy,           ///< a bounded queue or pool is full; try again
    bad_source,     ///< the remote source failed, refused or broke off
    timeout,        ///< a deadline passed
    storage_full,   ///< no space left where the result must go
    unavailable,    ///< a backend cannot be reached for now
    misconfigured,  ///< a backend refuses what the settings or its own set-up say; waiting does not mend it
    cancelled,      ///< the caller asked to stop
    internal,       ///< everything else; a bug or an unexpected failure of a library
};

std::string_view name(ErrorKind kind) noexcept;

/// The one exception type. `what()` is the public message: it says what is wrong and what to do, and may be
/// shown to anybody. `detail()` is for the log only: it may hold paths, addresses and library messages.
class Error : public std::runtime_error {
  public:
    Error(ErrorKind kind, const std::string& public_message, std::string detail = {})
        : std::runtime_error(public_message), kind_(kind), detail_(std::move(detail)) {}

    ErrorKind kind() const noexcept { return kind_; }
    const std::string& detail() const noexcept { return detail_; }

  private:
    ErrorKind kind_;
    std::string detail_;
};

/// "message (detail)", for the log and the operator.
std::string with_detail(const Error& error);

/// An Error for a failed system call: ENOSPC and EDQUOT become storage_full, ENOENT not_found, EACCES denied,
/// the rest internal. `doing` names the operation without paths ("write the object"); `detail` goes to the
/// log.
Error system_error(int errno_value, std::string_view doing, std::string detail = {});

}  // namespace fadeout
