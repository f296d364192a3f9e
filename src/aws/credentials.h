#pragma once
#include <functional>
#include <memory>
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
    /// Keys that are good now. Error(denied) where there are none, with what to set; Error(unavailable) where
    /// the service that gives them out cannot be reached.
    virtual TimedCredentials get() = 0;
};

class StaticCredentials final : public CredentialsProvider {
  public:
    explicit StaticCredentials(Credentials keys) : keys_(std::move(keys)) {}
    TimedCredentials get() override { return {keys_, std::nullopt}; }

  private:
    const Credentials keys_;
};

/// The value of an environment variable; nothing where it is not set or empty.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
Environment process_environment();

/// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN; nothing where neither key is set,
/// Error(denied) where only one is.
std::optional<Credentials> environment_credentials(const Environment& environment);

}  // namespace fadeout::aws
