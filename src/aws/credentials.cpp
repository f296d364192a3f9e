#include "aws/credentials.h"

#include <algorithm>
#include <cstdlib>

#include "aws/credential_services.h"
#include "aws/profile.h"
#include "aws/service_endpoint.h"
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
        for (const char* hidden :
             {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CREDENTIAL_EXPIRATION",
              "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"})
            if (name == hidden) return std::nullopt;
        return environment(name);
    };
}

namespace {

/// "2026-11-20T16:00:00Z", or with "+00:00" at its end, as the AWS CLI writes it.
std::optional<Time> expiration(const Environment& environment) {
    auto text = environment("AWS_CREDENTIAL_EXPIRATION");
    if (!text) return std::nullopt;
    if (constexpr std::string_view utc = "+00:00"; text->ends_with(utc))
        text->replace(text->size() - utc.size(), utc.size(), "Z");
    const auto end = parse_utc_timestamp(*text);
    if (!end)
        throw Error(ErrorKind::misconfigured,
                    "AWS_CREDENTIAL_EXPIRATION must be a time in UTC, such as 2026-11-20T16:00:00Z.");
    return end;
}

}  // namespace

std::optional<TimedCredentials> environment_credentials(const Environment& environment) {
    const auto id = environment("AWS_ACCESS_KEY_ID");
    const auto secret = environment("AWS_SECRET_ACCESS_KEY");
    if (!id && !secret) return std::nullopt;
    if (!id || !secret)
        throw Error(ErrorKind::misconfigured,
                    "Set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or neither.");
    return TimedCredentials{{*id, *secret, environment("AWS_SESSION_TOKEN").value_or("")},
                            expiration(environment)};
}

/// Keys that never live for `at_least` are not asked for again and again because of it.
bool RefreshedCredentials::wants_new(Time now, Duration at_least) const {
    if (!current_) return true;
    const Duration left = at_least <= lifetime_ ? std::max(at_least, refresh_before_end) : refresh_before_end;
    if (!current_->expires || now + left < *current_->expires) return false;
    return now >= not_before_ || now >= *current_->expires;
}

bool RefreshedCredentials::is_good_for(Duration at_least) const {
    return current_ && (!current_->expires || clock_.now() + at_least < *current_->expires);
}

TimedCredentials RefreshedCredentials::get(Duration at_least) {
    std::unique_lock lock(mutex_);
    if (is_fetching_ && !is_good_for(at_least)) {
        fetched_.wait(lock, [this] { return !is_fetching_; });
        if (failure_ && !is_good_for({})) throw Error(*failure_);
    }
    const Time now = clock_.now();
    if (is_fetching_ || !wants_new(now, at_least)) return *current_;

    is_fetching_ = true;
    failure_.reset();
    lock.unlock();
    std::optional<TimedCredentials> fetched;
    std::optional<Error> failure;
    try {
        fetched = fetch_();
    } catch (const Error& error) {
        failure.emplace(error);
    } catch (const std::exception& error) {
        failure.emplace(ErrorKind::internal, "The credentials could not be fetched.", error.what());
    }
    lock.lock();
    is_fetching_ = false;
    failure_ = std::move(failure);
    fetched_.notify_all();
    if (fetched) current_ = std::move(fetched);
    if (!failure_ && current_->expires) lifetime_ = *current_->expires - now;
    if (failure_ && !is_good_for({})) throw Error(*failure_);
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
        throw Error(ErrorKind::misconfigured, "A web identity needs a role: set AWS_ROLE_ARN.");
    if (out.session_name.empty()) out.session_name = "fadeout";
    const auto region = default_region(environment);
    if (out.endpoint.empty())
        out.endpoint = region ? service_endpoint("sts", *region) : "https://sts.amazonaws.com";
    return out;
}

/// A role's keys come before those of the profile, which may be there only to ask for the role.
std::optional<Credentials> profile_keys(const Profile& profile) {
    Credentials keys{find(profile, "aws_access_key_id"), find(profile, "aws_secret_access_key"),
                     find(profile, "aws_session_token")};
    const bool is_for_a_role = !find(profile, "role_arn").empty();
    if (!is_for_a_role && !keys.access_key_id.empty() && !keys.secret_access_key.empty()) return keys;
    for (const char* setting :
         {"sso_session", "sso_start_url", "role_arn", "source_profile", "credential_process"})
        if (!find(profile, setting).empty())
            throw Error(
                ErrorKind::misconfigured,
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
        throw Error(
            ErrorKind::misconfigured,
            "No credentials for the object store or database. Set AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY, or AWS_PROFILE. An EC2 instance needs a role, and for a container "
            "on it a metadata hop limit of 2.");
    return std::move(*keys);
}

}  // namespace

std::shared_ptr<CredentialsProvider> default_credentials(const Environment& environment, const Clock& clock) {
    const auto refreshed = [&](std::function<TimedCredentials()> fetch) {
        return std::make_shared<RefreshedCredentials>(std::move(fetch), clock);
    };
    if (auto found = environment_credentials(environment))
        return std::make_shared<StaticCredentials>(found->keys, found->expires);
    const Profile profile = load_profile(environment);
    if (auto identity = web_identity(environment, profile))
        return refreshed([identity = *identity] { return fetch_web_identity(identity); });
    if (auto keys = profile_keys(profile)) return std::make_shared<StaticCredentials>(*keys);
    if (auto endpoint = container_endpoint(environment))
        return refreshed([endpoint = *endpoint] { return fetch_container(endpoint); });
    return refreshed([environment] { return fetch_from_instance(environment); });
}

}  // namespace fadeout::aws
