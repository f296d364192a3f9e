#pragma once
#include <functional>
#include <mutex>
#include <optional>
#include <string_view>

#include "base/clock.h"

// When a request to AWS or a service like it is sent again. Source: AWS SDKs and Tools Reference Guide,
// "Retry behavior" (the standard mode of 2026): 3 attempts, exponential backoff with full jitter, a quota of
// tokens.
namespace fadeout::aws {

/// What a failed attempt says about trying again.
enum class Retry { no, transient, throttled };

/// Judges an answer by its HTTP status and error code ("SlowDown", "ThrottlingException"; empty: none).
Retry classify(int status, std::string_view code) noexcept;

/// Tokens that retries of all threads share, so that a service in trouble is not made worse: 500 at most,
/// taken by each retry, given back when one succeeds. Thread-safe.
class RetryQuota {
  public:
    static constexpr int capacity = 500;
    bool take(int tokens);
    void give_back(int tokens);

  private:
    std::mutex mutex_;
    int tokens_ = capacity;
};

struct RetryRules {
    int attempts = 3;
    Duration transient_base{50};
    Duration throttled_base{1'000};
    Duration longest{20'000};

    static RetryRules dynamodb() { return {.attempts = 4, .transient_base = Duration(25)}; }
};

/// The retries of one request.
class Retries {
  public:
    /// `random` gives numbers in [0, 1); without it a generator of the thread's own is used.
    Retries(RetryQuota& quota, const RetryRules& rules, std::function<double()> random = {});

    /// After a failed attempt: how long to wait before the next one; nothing where there shall be none.
    /// `asked_for`: the answer's x-amz-retry-after (milliseconds), or its Retry-After.
    std::optional<Duration> next(Retry why, std::optional<Duration> asked_for = std::nullopt);
    /// After an attempt that succeeded.
    void succeeded();

  private:
    RetryQuota& quota_;
    RetryRules rules_;
    std::function<double()> random_;
    int failed_ = 0;
    int taken_ = 0;  ///< tokens of the latest retry
};

/// What the answer's headers x-amz-retry-after ("1500": milliseconds) and Retry-After ("2": seconds) ask for;
/// either may be empty.
std::optional<Duration> retry_after(std::string_view amz_milliseconds, std::string_view seconds);

}  // namespace fadeout::aws
