#include "service/processor_check.h"

#include <fmt/format.h>

#include "aws/credentials.h"
#include "aws/lambda_function.h"
#include "base/text.h"
#include "service/remote_function.h"

namespace fadeout::service {

std::string check_processor(const std::string& address, const Clock& clock) {
    if (address.starts_with("arn:")) {
        const auto function = aws::FunctionArn::parse(address);
        aws::default_credentials(aws::process_environment(), clock)->get();
        return fmt::format("an AWS Lambda function in {}, and there are keys to invoke it", function.region);
    }
    const RemoteFunction function({.address = address}, clock);
    return mask_url(address) + " is asked first";
}

}  // namespace fadeout::service
