#pragma once
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "aws/sigv4.h"
#include "base/clock.h"
#include "base/error.h"

namespace fadeout::aws {

struct TimedCredentials {
    Credentials keys;
    std::optional<Time> expires;  ///< nothing: they do not end, or end_is_unknown()

    /// Keys of a session end, but whoever gave these out did not say when.
    bool end_is_unknown() const noexcept { return !expires && !keys.session_token.empty(); }
};

/// Where keys come from. Thread-safe; may block while it fetches new ones.
class CredentialsProvider {
  public:
    virtual ~CredentialsProvider() = default;
    /// Keys that are good now, and for `at_least` where that can be had by asking anew. Error(misconfigured)
    /// where there are none, with what to set; Error(unavailable) where the service that gives them out
    /// cannot be reached.
    virtual TimedCredentials get(Duration at_least = {}) = 0;
};

class StaticCredentials final : public CredentialsProvider {
  public:
    explicit StaticCredentials(Credentials keys, std::optional<Time> expires = {})
        : keys_{std::move(keys), expires} {}
    TimedCredentials get(Duration = {}) override { return keys_; }

  private:
    const TimedCredentials keys_;
};

/// Asks `fetch` for keys and keeps them until shortly before they end. While one thread fetches new ones, and
/// where that fails, the old keys serve until their end. Of those that wait for the first keys one fetches,
/// and all share its failure.
class RefreshedCredentials final : public CredentialsProvider {
  public:
    static constexpr Duration refresh_before_end = std::chrono::minutes(10);
    static constexpr Duration pause = std::chrono::seconds(30);

    RefreshedCredentials(std::function<TimedCredentials()> fetch, const Clock& clock)
        : fetch_(std::move(fetch)), clock_(clock) {}
    TimedCredentials get(Duration at_least = {}) override;

  private:
    bool wants_new(Time now, Duration at_least) const;
    bool is_good_for(Duration at_least) const;

    const std::function<TimedCredentials()> fetch_;
    const Clock& clock_;
    std::mutex mutex_;  // guards all below
    std::condition_variable fetched_;
    bool is_fetching_ = false;      ///< on one of the threads, without the lock
    std::optional<Error> failure_;  ///< of the last fetch
    std::optional<TimedCredentials> current_;
    Duration lifetime_{};  ///< of the current ones when they were new
    Time not_before_{};    ///< after a failure, and after keys that did not last longer
};

/// The value of an environment variable; nothing where it is not set or empty.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
Environment process_environment();
/// `environment` as it is for somebody who uses that profile and has no keys or role in variables.
Environment with_profile(Environment environment, std::string profile);

/// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, and AWS_CREDENTIAL_EXPIRATION, which `aws
/// configure export-credentials` writes beside them; nothing where neither key is set, Error(misconfigured)
/// where only one is, or where the expiration is no time.
std::optional<TimedCredentials> environment_credentials(const Environment& environment);

/// The first of these that is set up: the environment's keys, a web identity (EKS), a profile of the shared
/// files, the container's endpoint (ECS, EKS Pod Identity), the instance's role (EC2). Settings of a profile
/// that fadeout does not follow (single sign-on, other profiles, programs) are named in an
/// Error(misconfigured). Nothing is asked before get(). `clock` must outlive the provider.
std::shared_ptr<CredentialsProvider> default_credentials(const Environment& environment, const Clock& clock);

}  // namespace fadeout::aws
