#pragma once
#include <string>
#include <string_view>

#include "base/error.h"
#include "http/message.h"

namespace fadeout::http {

/// The one place where an ErrorKind becomes an HTTP status.
int http_status(ErrorKind kind) noexcept;
std::string_view reason_phrase(int status) noexcept;

/// How a family of routes words its errors.
enum class ErrorStyle {
    detail,  ///< {"detail": text}: the speech API
    error,   ///< {"error": text}
    xml,     ///< <Error><Code>..</Code><Message>..</Message></Error>: signed links, as S3 answers
};
ErrorStyle error_style(std::string_view path) noexcept;

/// A whole answer. Under ErrorStyle::xml a message "NoSuchKey: text" gives the code, otherwise the status
/// does. 429 and 503 carry Retry-After.
Response error_response(ErrorStyle style, int status, std::string_view message);
Response error_response(ErrorStyle style, const Error& error);

/// What is told of an exception that is no Error; its text goes to the log only.
Error unexpected(const std::exception& exception);

}  // namespace fadeout::http
