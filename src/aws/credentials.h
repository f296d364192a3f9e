#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "aws/sigv4.h"
#include "base/clock.h"

namespace fadeout::aws {

struct TimedCredentials {
    Credentials keys;
    std::optional<Time> expires;  ///< nothing: they do not end
};

/// Where keys come from. Thread-safe; may block while it fetches new ones.
class CredentialsProvider {
  public:
    virtual ~CredentialsProvider() = default;
    /// Keys that are good now, and for `at_least` where that can be had by asking anew. Error(denied) where
    /// there are none, with what to set; Error(unavailable) where the service that gives them out cannot be
    /// reached.
    virtual TimedCredentials get(Duration at_least = {}) = 0;
};

class StaticCredentials final : public CredentialsProvider {
  public:
    explicit StaticCredentials(Credentials keys) : keys_(std::move(keys)) {}
    TimedCredentials get(Duration = {}) override { return {keys_, std::nullopt}; }

  private:
    const Credentials keys_;
};

/// Asks `fetch` for keys and keeps them until shortly before they end. Where a later fetch fails, the old
/// keys serve until their end.
class RefreshedCredentials final : public CredentialsProvider {
  public:
    static constexpr Duration refresh_before_end = std::chrono::minutes(10);
    static constexpr Duration pause = std::chrono::seconds(30);

    RefreshedCredentials(std::function<TimedCredentials()> fetch, const Clock& clock)
        : fetch_(std::move(fetch)), clock_(clock) {}
    TimedCredentials get(Duration at_least = {}) override;

  private:
    bool wants_new(Time now, Duration at_least) const;

    const std::function<TimedCredentials()> fetch_;
    const Clock& clock_;
    std::mutex mutex_;  // guards all below
    std::optional<TimedCredentials> current_;
    Duration lifetime_{};  ///< of the current ones when they were new
    Time not_before_{};    ///< after a failure, and after keys that did not last longer
};

/// The value of an environment variable; nothing where it is not set or empty.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
Environment process_environment();
/// `environment` as it is for somebody who uses that profile and has no keys or role in variables.
Environment with_profile(Environment environment, std::string profile);

/// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN; nothing where neither key is set,
/// Error(denied) where only one is.
std::optional<Credentials> environment_credentials(const Environment& environment);

/// The first of these that is set up: the environment's keys, a web identity (EKS), a profile of the shared
/// files, the container's endpoint (ECS, EKS Pod Identity), the instance's role (EC2). Settings of a profile
/// that fadeout does not follow (single sign-on, other profiles, programs) are named in an Error(denied).
/// Nothing is asked before get(). `clock` must outlive the provider.
std::shared_ptr<CredentialsProvider> default_credentials(const Environment& environment, const Clock& clock);

}  // namespace fadeout::aws
