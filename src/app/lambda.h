#pragma once
#include <stop_token>

#include "base/error.h"
#include "config/settings.h"

namespace fadeout::app {

/// Answers AWS Lambda's invocations until `stop` is requested. Runs no jobs and sweeps only when an event
/// says so. Returns the exit code; Error where it cannot begin.
int lambda(const config::Settings& settings, std::stop_token stop);

/// Tells AWS Lambda why the function cannot begin, where there is a Lambda to tell. Throws nothing.
void report_lambda_start(const Error& error) noexcept;

}  // namespace fadeout::app
