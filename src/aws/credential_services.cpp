#include "aws/credential_services.h"

#include <boost/json.hpp>
#include <fstream>
#include <pugixml.hpp>
#include <sstream>

#include "base/error.h"
#include "base/text.h"
#include "net/http_client.h"
#include "net/http_url.h"

namespace fadeout::aws {

namespace {

/// A machine that is none of AWS's has nothing at these addresses; so the wait is short.
constexpr Duration metadata_timeout{1'000};
constexpr Duration service_timeout{10'000};

[[noreturn]] void fail(const std::string& who, const std::string& detail) {
    throw Error(ErrorKind::unavailable, who + " gave out no credentials.", detail);
}

std::string read_token(const std::string& path, const std::string& setting) {
    const std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    const std::string token(trim(text.str()));
    if (token.empty())
        throw Error(ErrorKind::misconfigured, setting + " names a file that is missing or empty.", path);
    return token;
}

net::HttpResponse ask(std::string_view who, const std::string& method, const std::string& url,
                      const NameValues& headers, Duration timeout, std::string_view body = {}) {
    net::HttpRequest request;
    request.peer = who;
    request.method = method;
    request.url = url;
    request.headers = headers;
    request.body = as_bytes(body);
    request.timeout = request.stall = timeout;
    return net::HttpClient(1 << 20).send(request);
}

TimedCredentials with_expiry(Credentials keys, const std::string& expires, const std::string& who) {
    const auto end = parse_utc_timestamp(expires);
    if (!end || keys.access_key_id.empty() || keys.secret_access_key.empty())
        fail(who, "an answer without keys");
    return {std::move(keys), end};
}

/// What containers and instances get: {"AccessKeyId", "SecretAccessKey", "Token", "Expiration"}.
TimedCredentials parse_json(const std::string& body, const std::string& who) {
    boost::system::error_code failure;
    const boost::json::value parsed = boost::json::parse(body, failure);
    if (failure || !parsed.is_object()) fail(who, "no JSON object");
    const auto text = [&](std::string_view name) {
        const boost::json::value* value = parsed.as_object().if_contains(name);
        return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
    };
    return with_expiry({text("AccessKeyId"), text("SecretAccessKey"), text("Token")}, text("Expiration"),
                       who);
}

bool may_be_asked_for_keys(const std::string& url) {
    const auto parsed = net::HttpUrl::parse(url);
    if (!parsed) return false;
    if (url.starts_with("https://")) return true;
    for (const char* host :
         {"127.0.0.1", "localhost", "::1", "169.254.170.2", "169.254.170.23", "fd00:ec2::23"})
        if (parsed->host() == host) return true;
    return false;
}

}  // namespace

TimedCredentials fetch_web_identity(const WebIdentity& identity) {
    const std::string who = "AWS STS";
    const std::string body =
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=" + percent_encode(identity.role_arn) +
        "&RoleSessionName=" + percent_encode(identity.session_name) +
        "&WebIdentityToken=" + percent_encode(read_token(identity.token_file, "AWS_WEB_IDENTITY_TOKEN_FILE"));
    const net::HttpResponse response =
        ask(who, "POST", identity.endpoint + "/", {{"content-type", "application/x-www-form-urlencoded"}},
            service_timeout, body);
    pugi::xml_document document;
    const bool read = document.load_buffer(response.body.data(), response.body.size());
    if (response.status != 200 || !read)
        fail(who, "status " + std::to_string(response.status) + " " +
                      document.child("ErrorResponse").child("Error").child_value("Code"));
    const pugi::xml_node keys = document.child("AssumeRoleWithWebIdentityResponse")
                                    .child("AssumeRoleWithWebIdentityResult")
                                    .child("Credentials");
    return with_expiry({keys.child_value("AccessKeyId"), keys.child_value("SecretAccessKey"),
                        keys.child_value("SessionToken")},
                       keys.child_value("Expiration"), who);
}

std::optional<ContainerEndpoint> container_endpoint(const Environment& environment) {
    const auto relative = environment("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    const auto full = environment("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    if (!relative && !full) return std::nullopt;
    ContainerEndpoint out{relative ? "http://169.254.170.2" + *relative : *full,
                          environment("AWS_CONTAINER_AUTHORIZATION_TOKEN").value_or(""),
                          environment("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE").value_or("")};
    if (!may_be_asked_for_keys(out.url))
        throw Error(
            ErrorKind::misconfigured,
            "AWS_CONTAINER_CREDENTIALS_FULL_URI must be https, or an address of this machine or of AWS.");
    return out;
}

TimedCredentials fetch_container(const ContainerEndpoint& endpoint) {
    const std::string token = endpoint.token_file.empty()
                                  ? endpoint.token
                                  : read_token(endpoint.token_file, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    NameValues headers;
    if (!token.empty()) headers.emplace_back("authorization", token);
    const std::string who = "The container's credentials endpoint";
    const net::HttpResponse response = ask(who, "GET", endpoint.url, headers, service_timeout);
    if (response.status != 200) fail(who, "status " + std::to_string(response.status));
    return parse_json(response.body, who);
}

std::optional<TimedCredentials> fetch_instance(const std::string& endpoint) {
    const std::string roles = endpoint + "/latest/meta-data/iam/security-credentials/";
    const std::string who = "The instance metadata service";
    NameValues session;
    try {
        const net::HttpResponse token =
            ask(who, "PUT", endpoint + "/latest/api/token",
                {{"x-aws-ec2-metadata-token-ttl-seconds", "21600"}}, metadata_timeout);
        if (token.status != 200) return std::nullopt;
        session = {{"x-aws-ec2-metadata-token", token.body}};
    } catch (const Error&) {
        return std::nullopt;
    }
    const net::HttpResponse role = ask(who, "GET", roles, session, metadata_timeout);
    if (role.status == 404) return std::nullopt;
    if (role.status != 200) fail(who, "status " + std::to_string(role.status));
    const std::string name(trim(role.body.substr(0, role.body.find('\n'))));
    const net::HttpResponse keys = ask(who, "GET", roles + percent_encode(name), session, metadata_timeout);
    if (keys.status != 200) fail(who, "status " + std::to_string(keys.status));
    return parse_json(keys.body, who);
}

}  // namespace fadeout::aws
