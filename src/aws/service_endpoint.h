#pragma once
#include <string>
#include <string_view>

namespace fadeout::aws {

/// "https://s3.eu-central-1.amazonaws.com" of "s3" and "eu-central-1"; the regions of China have a domain of
/// their own. Source: AWS General Reference, "AWS service endpoints".
std::string service_endpoint(std::string_view service, std::string_view region);

}  // namespace fadeout::aws
