#include "aws/service_endpoint.h"

#include <fmt/format.h>

namespace fadeout::aws {

std::string service_endpoint(std::string_view service, std::string_view region) {
    return fmt::format("https://{}.{}.amazonaws.com{}", service, region,
                       region.starts_with("cn-") ? ".cn" : "");
}

}  // namespace fadeout::aws
