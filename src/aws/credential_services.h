#pragma once
#include <optional>
#include <string>

#include "aws/credentials.h"
#include "base/clock.h"

// The services that hand out short-lived keys: to pods (web identity), containers and virtual machines. Each
// call asks the service anew. Error(unavailable) where it cannot be reached or answers otherwise than
// documented.
namespace fadeout::aws {

struct WebIdentity {
    std::string token_file;  ///< read anew each time: Kubernetes replaces it
    std::string role_arn;
    std::string session_name;
    std::string endpoint;  ///< "https://sts.eu-west-1.amazonaws.com"
};
/// Source: AWS STS API Reference, AssumeRoleWithWebIdentity.
TimedCredentials fetch_web_identity(const WebIdentity& identity);

struct ContainerEndpoint {
    std::string url;
    std::string token, token_file;  ///< for the Authorization header; both may be empty
};
/// AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI; nothing where neither is set. Error(misconfigured)
/// for a full one that is neither https nor on this machine nor one of the two addresses that AWS uses: keys
/// would be asked of a stranger.
std::optional<ContainerEndpoint> container_endpoint(const Environment& environment);
/// Source: AWS SDKs and Tools Reference Guide, "Container credential provider".
TimedCredentials fetch_container(const ContainerEndpoint& endpoint);

/// IMDSv2. `endpoint`: "http://169.254.169.254". Nothing where no such service answers or the machine has no
/// role. Source: Amazon EC2 User Guide, "Use the Instance Metadata Service".
std::optional<TimedCredentials> fetch_instance(const std::string& endpoint);

}  // namespace fadeout::aws
