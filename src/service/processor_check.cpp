#include "service/processor_check.h"

#include <fmt/format.h>

#include "aws/credentials.h"
#include "aws/lambda_function.h"
#include "base/error.h"
#include "base/text.h"
#include "net/http_url.h"

namespace fadeout::service {

std::string check_processor(const std::string& address, const Clock& clock) {
    if (address.starts_with("arn:")) {
        const auto function = aws::FunctionArn::parse(address);
        aws::default_credentials(aws::process_environment(), clock)->get();
        return fmt::format("an AWS Lambda function in {}, and there are keys to invoke it", function.region);
    }
    if (!net::HttpUrl::parse(address))
        throw Error(ErrorKind::invalid,
                    "processor.url is neither an http:// or https:// URL nor the ARN of a Lambda function.");
    return mask_url(address) + " is asked first";
}

}  // namespace fadeout::service
