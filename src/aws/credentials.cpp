#include "aws/credentials.h"

#include <algorithm>
#include <cstdlib>

#include "aws/credential_services.h"
#include "aws/profile.h"
#include "base/error.h"
#include "base/text.h"

namespace fadeout::aws {

Environment process_environment() {
    return [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        if (value == nullptr || *value == '\0') return std::nullopt;
        return value;
    };
}

Environment with_profile(Environment environment, std::string profile) {
    return [environment = std::move(environment),
            profile = std::move(profile)](const std::string& name) -> std::optional<std::string> {
        if (name == "AWS_PROFILE") return profile;
        for (const char* hidden : {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
                                   "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"})
            if (name == hidden) return std::nullopt;
        return environment(name);
    };
}

std::optional<Credentials> environment_credentials(const Environment& environment) {
    const auto id = environment("AWS_ACCESS_KEY_ID");
    const auto secret = environment("AWS_SECRET_ACCESS_KEY");
    if (!id && !secret) return std::nullopt;
    if (!id || !secret)
        throw Error(ErrorKind::denied, "Set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or neither.");
    return Credentials{*id, *secret, environment("AWS_SESSION_TOKEN").value_or("")};
}

/// Keys that never live for `at_least` are not asked for again and again because of it.
bool RefreshedCredentials::wants_new(Time now, Duration at_least) const {
    if (!current_) return true;
    const Duration left = at_least <= lifetime_ ? std::max(at_least, refresh_before_end) : refresh_before_end;
    if (!current_->expires || now + left < *current_->expires) return false;
    return now >= not_before_ || now >= *current_->expires;
}

TimedCredentials RefreshedCredentials::get(Duration at_least) {
    const std::lock_guard lock(mutex_);
    const Time now = clock_.now();
    if (!wants_new(now, at_least)) return *current_;
    try {
        current_ = fetch_();
        if (current_->expires) lifetime_ = *current_->expires - now;
    } catch (const Error&) {
        if (!current_ || now >= *current_->expires) throw;
        not_before_ = now + pause;
    }
    if (wants_new(now, at_least)) not_before_ = now + pause;
    return *current_;
}

namespace {

std::string find(const Profile& profile, std::string_view name) {
    const auto found = profile.find(name);
    return found == profile.end() ? std::string() : found->second;
}

std::optional<WebIdentity> web_identity(const Environment& environment, const Profile& profile) {
    const auto setting = [&](const char* variable, const char* name) {
        return environment(variable).value_or(find(profile, name));
    };
    WebIdentity out{setting("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file"),
                    setting("AWS_ROLE_ARN", "role_arn"),
                    setting("AWS_ROLE_SESSION_NAME", "role_session_name"),
                    environment("AWS_ENDPOINT_URL_STS").value_or("")};
    if (out.token_file.empty()) return std::nullopt;
    if (out.role_arn.empty())
        throw Error(ErrorKind::denied, "A web identity needs a role: set AWS_ROLE_ARN.");
    if (out.session_name.empty()) out.session_name = "fadeout";
    const auto region = default_region(environment);
    if (out.endpoint.empty())
        out.endpoint = region ? "https://sts." + *region + ".amazonaws.com" : "https://sts.amazonaws.com";
    return out;
}

std::optional<Credentials> profile_keys(const Profile& profile) {
    Credentials keys{find(profile, "aws_access_key_id"), find(profile, "aws_secret_access_key"),
                     find(profile, "aws_session_token")};
    if (!keys.access_key_id.empty() && !keys.secret_access_key.empty()) return keys;
    for (const char* setting :
         {"sso_session", "sso_start_url", "role_arn", "source_profile", "credential_process"})
        if (!find(profile, setting).empty())
            throw Error(
                ErrorKind::denied,
                std::string("The AWS profile gets its keys by '") + setting +
                    "', which fadeout does not follow. Set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and "
                    "AWS_SESSION_TOKEN, for example by: aws configure export-credentials --format env");
    return std::nullopt;
}

TimedCredentials fetch_from_instance(const Environment& environment) {
    const bool asked_not_to = to_lower(environment("AWS_EC2_METADATA_DISABLED").value_or("")) == "true";
    std::string endpoint =
        environment("AWS_EC2_METADATA_SERVICE_ENDPOINT").value_or("http://169.254.169.254");
    while (endpoint.ends_with('/')) endpoint.pop_back();
    auto keys = asked_not_to ? std::nullopt : fetch_instance(endpoint);
    if (!keys)
        throw Error(ErrorKind::denied,
                    "No credentials for the object store or database. Set AWS_ACCESS_KEY_ID and "
                    "AWS_SECRET_ACCESS_KEY, or AWS_PROFILE.");
    return std::move(*keys);
}

}  // namespace

std::shared_ptr<CredentialsProvider> default_credentials(const Environment& environment, const Clock& clock) {
    const auto refreshed = [&](std::function<TimedCredentials()> fetch) {
        return std::make_shared<RefreshedCredentials>(std::move(fetch), clock);
    };
    if (auto keys = environment_credentials(environment)) return std::make_shared<StaticCredentials>(*keys);
    const Profile profile = load_profile(environment);
    if (auto identity = web_identity(environment, profile))
        return refreshed([identity = *identity] { return fetch_web_identity(identity); });
    if (auto keys = profile_keys(profile)) return std::make_shared<StaticCredentials>(*keys);
    if (auto endpoint = container_endpoint(environment))
        return refreshed([endpoint = *endpoint] { return fetch_container(endpoint); });
    return refreshed([environment] { return fetch_from_instance(environment); });
}

}  // namespace fadeout::aws
