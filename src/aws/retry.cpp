#include "aws/retry.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <random>

namespace fadeout::aws {

namespace {

constexpr int transient_cost = 14;
constexpr int throttled_cost = 5;
/// Given back by a request that needed no retry.
constexpr int plain_success = 1;
/// What a server may add to the delay that was computed.
constexpr Duration most_asked_for{5'000};

constexpr std::array<std::string_view, 15> throttling_codes{"Throttling",
                                                            "ThrottlingException",
                                                            "ThrottledException",
                                                            "RequestThrottledException",
                                                            "TooManyRequestsException",
                                                            "ProvisionedThroughputExceededException",
                                                            "TransactionInProgressException",
                                                            "RequestLimitExceeded",
                                                            "BandwidthLimitExceeded",
                                                            "LimitExceededException",
                                                            "RequestThrottled",
                                                            "SlowDown",
                                                            "PriorRequestNotComplete",
                                                            "EC2ThrottledException",
                                                            "TooManyRequests"};
/// The last two: bytes were changed on their way there.
constexpr std::array<std::string_view, 10> transient_codes{
    "RequestTimeout",     "RequestTimeoutException",  "InternalError",  "InternalServerError",
    "ServiceUnavailable", "OperationAborted",         "IncompleteBody", "ConditionalRequestConflict",
    "BadDigest",          "XAmzContentSHA256Mismatch"};

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& codes, std::string_view code) noexcept {
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

double thread_random() {
    thread_local std::minstd_rand generator{std::random_device{}()};
    return std::uniform_real_distribution<double>(0, 1)(generator);
}

std::optional<Duration> parse_delay(std::string_view text, Duration unit) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
    return std::min(unit * value, Duration(std::chrono::hours(1)));
}

}  // namespace

Retry classify(int status, std::string_view code) noexcept {
    if (contains(throttling_codes, code) || status == 429) return Retry::throttled;
    if (contains(transient_codes, code)) return Retry::transient;
    return status == 500 || status == 502 || status == 503 || status == 504 ? Retry::transient : Retry::no;
}

bool RetryQuota::take(int tokens) {
    const std::lock_guard lock(mutex_);
    if (tokens_ < tokens) return false;
    tokens_ -= tokens;
    return true;
}

void RetryQuota::give_back(int tokens) {
    const std::lock_guard lock(mutex_);
    tokens_ = std::min(capacity, tokens_ + tokens);
}

Retries::Retries(RetryQuota& quota, const RetryRules& rules, std::function<double()> random)
    : quota_(quota), rules_(rules), random_(random ? std::move(random) : thread_random) {}

std::optional<Duration> Retries::next(Retry why, std::optional<Duration> asked_for) {
    if (why == Retry::no || ++failed_ >= rules_.attempts) return std::nullopt;
    const int cost = why == Retry::throttled ? throttled_cost : transient_cost;
    if (!quota_.take(cost)) return std::nullopt;
    taken_ = cost;
    const Duration base = why == Retry::throttled ? rules_.throttled_base : rules_.transient_base;
    const Duration highest = std::min(rules_.longest, base * (1L << std::min(failed_ - 1, 20)));
    const auto jittered = std::chrono::duration_cast<Duration>(highest * random_());
    if (!asked_for) return jittered;
    return std::clamp(*asked_for, jittered, jittered + most_asked_for);
}

void Retries::succeeded() {
    quota_.give_back(taken_ > 0 ? taken_ : plain_success);
}

std::optional<Duration> retry_after(std::string_view amz_milliseconds, std::string_view seconds) {
    if (!amz_milliseconds.empty()) return parse_delay(amz_milliseconds, Duration(1));
    return parse_delay(seconds, std::chrono::seconds(1));
}

}  // namespace fadeout::aws
