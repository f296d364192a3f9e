#pragma once
#include <string>
#include <string_view>

#include "base/error.h"

namespace fadeout::storage::s3 {

/// What the service says went wrong.
struct Fault {
    int status = 0;
    std::string code;     ///< "NoSuchBucket"; empty where the answer had no body
    std::string message;  ///< the service's own words
    std::string region;   ///< where the bucket really is, if the service told
    std::string url;      ///< what was asked, without its query; empty where that is not known
};

/// What a fault means to fadeout. `doing`: "write the object". The only place that knows S3's error codes,
/// besides aws::classify for retries. The public message says how to mend it.
Error to_error(const Fault& fault, std::string_view doing);

}  // namespace fadeout::storage::s3
