#pragma once
#include <string>

#include "base/clock.h"

namespace fadeout::service {

/// What is to be said of a processor's `address`: an http(s) URL, or the ARN of an AWS Lambda function, for
/// which there must be keys. The function itself is not called. Error(invalid) for an address that is
/// neither, and what the keys' provider throws.
std::string check_processor(const std::string& address, const Clock& clock);

}  // namespace fadeout::service
