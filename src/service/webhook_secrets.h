#pragma once
#include <string>
#include <utility>
#include <vector>

namespace fadeout::service {

/// Which keys sign what is sent to which endpoint.
class WebhookSecrets {
  public:
    /// No endpoint is known: require() refuses every URL.
    WebhookSecrets() = default;
    /// Pairs of a URL prefix and a key (bytes, not text). The same prefix may come several times: each key
    /// then signs, so that an endpoint can change from one to the other. Error(invalid) for a prefix that is
    /// no http(s) URL, or that has a query.
    explicit WebhookSecrets(const std::vector<std::pair<std::string, std::string>>& keys_by_prefix);

    /// Error(invalid) says what is wrong with `url`, or that no prefix covers it and what to add.
    void require(const std::string& url) const;
    /// The keys of the longest prefix that covers `url`: same scheme, host and port, and a path that is the
    /// same or goes on with '/'. Empty where there is none, and for a path with "." or ".." in it, which the
    /// endpoint might take for another.
    std::vector<std::string> keys_for(const std::string& url) const;

  private:
    struct Endpoint {
        std::string origin, path;  ///< path without a slash at its end
        std::vector<std::string> keys;
    };
    std::vector<Endpoint> endpoints_;
};

}  // namespace fadeout::service
