#pragma once
#include <string>
#include <string_view>

namespace fadeout::storage {

/// Which bucket of which service, as a store's URL says it.
struct S3Location {
    std::string provider = "s3";  ///< "s3" or "r2"
    std::string bucket;
    std::string region;  ///< "eu-central-1"; "auto" for R2
    std::string
        endpoint;  ///< "https://s3.eu-central-1.amazonaws.com": where the service is, without the bucket
    bool path_style = false;  ///< the bucket stands in the path, not in the host name
    std::string profile{};    ///< whose keys are used, of the shared files; empty: what the environment says
};

/// True for a URL that parse_s3_url() is meant for.
bool is_s3_url(std::string_view url);

/// "s3://bucket?region=&endpoint=&path_style=1" and "r2://bucket?account=", both with "profile=" where two
/// stores need different keys. Values may be percent-encoded or
/// plain. `default_region` (from the environment or settings) stands in for a missing region; without either
/// it is us-east-1. Where no path_style is given, the bucket stands in the path for R2, where its name has
/// dots, which no certificate covers, and where the endpoint is an address. Error(invalid) names what is
/// wrong.
S3Location parse_s3_url(std::string_view url, std::string_view default_region = {});

/// Is the service Amazon's own, and not another one that speaks S3?
bool is_amazon(const S3Location& location);

}  // namespace fadeout::storage
