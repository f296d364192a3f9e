#include "aws/retry.h"

#include <gtest/gtest.h>

namespace fadeout::aws {
namespace {

double almost_one() {
    return 1.0;
}

TEST(Retry, TellsWhatIsWorthTryingAgain) {
    EXPECT_EQ(classify(503, "SlowDown"), Retry::throttled);
    EXPECT_EQ(classify(400, "ThrottlingException"), Retry::throttled);
    EXPECT_EQ(classify(429, ""), Retry::throttled);
    EXPECT_EQ(classify(200, "InternalError"), Retry::transient) << "an error inside an answer of 200";
    EXPECT_EQ(classify(503, ""), Retry::transient);
    EXPECT_EQ(classify(400, "RequestTimeout"), Retry::transient);
    EXPECT_EQ(classify(409, "ConditionalRequestConflict"), Retry::transient);
    for (const int status : {400, 403, 404, 409, 412, 501}) EXPECT_EQ(classify(status, "Other"), Retry::no);
}

TEST(Retry, WaitsLongerEachTimeAndEndsAfterThreeAttempts) {
    RetryQuota quota;
    Retries transient(quota, {}, almost_one);
    EXPECT_EQ(transient.next(Retry::transient), Duration(50));
    EXPECT_EQ(transient.next(Retry::transient), Duration(100));
    EXPECT_EQ(transient.next(Retry::transient), std::nullopt);
    Retries throttled(quota, {}, almost_one);
    EXPECT_EQ(throttled.next(Retry::throttled), Duration(1000));
    EXPECT_EQ(throttled.next(Retry::throttled), Duration(2000));
    EXPECT_EQ(throttled.next(Retry::throttled), std::nullopt);
    Retries dynamodb(quota, RetryRules::dynamodb(), almost_one);
    EXPECT_EQ(dynamodb.next(Retry::transient), Duration(25));
    EXPECT_EQ(dynamodb.next(Retry::transient), Duration(50));
    EXPECT_EQ(dynamodb.next(Retry::transient), Duration(100));
    EXPECT_EQ(dynamodb.next(Retry::transient), std::nullopt);
    Retries long_lived(quota, {.attempts = 40}, almost_one);
    Duration last{};
    for (int i = 0; i < 30; ++i) last = *long_lived.next(Retry::throttled);
    EXPECT_EQ(last, Duration(20'000)) << "never more";
}

TEST(Retry, DoesNotRepeatWhatIsWrong) {
    RetryQuota quota;
    EXPECT_EQ(Retries(quota, {}).next(Retry::no), std::nullopt);
}

TEST(Retry, JitterSpreadsTheDelays) {
    RetryQuota quota;
    EXPECT_EQ(Retries(quota, {}, [] { return 0.0; }).next(Retry::transient), Duration(0));
    EXPECT_EQ(Retries(quota, {}, [] { return 0.5; }).next(Retry::throttled), Duration(500));
    const auto delay = Retries(quota, {}).next(Retry::throttled);
    ASSERT_TRUE(delay);
    EXPECT_GE(*delay, Duration(0));
    EXPECT_LE(*delay, Duration(1000));
}

TEST(Retry, TheQuotaEndsRetriesWhenEverythingFails) {
    RetryQuota quota;
    int retried = 0;
    for (int i = 0; i < 100; ++i) retried += Retries(quota, {}).next(Retry::transient).has_value();
    EXPECT_EQ(retried, 500 / 14);
    EXPECT_TRUE(Retries(quota, {}).next(Retry::throttled)) << "10 tokens are left, and it costs 5";
}

TEST(Retry, SuccessRefillsTheQuota) {
    RetryQuota quota;
    ASSERT_TRUE(quota.take(RetryQuota::capacity - 14));
    Retries request(quota, {});
    ASSERT_TRUE(request.next(Retry::transient));
    EXPECT_FALSE(quota.take(1));
    request.succeeded();
    EXPECT_TRUE(quota.take(14)) << "what the retry took came back";
    EXPECT_FALSE(quota.take(1));
    Retries(quota, {}).succeeded();
    EXPECT_TRUE(quota.take(1)) << "one token for a request that needed no retry";
    quota.give_back(10'000);
    EXPECT_FALSE(quota.take(RetryQuota::capacity + 1)) << "never above the capacity";
}

TEST(Retry, HonoursWhatTheServerAsksFor) {
    RetryQuota quota;
    EXPECT_EQ(Retries(quota, {}, almost_one).next(Retry::transient, Duration(1500)), Duration(1500));
    EXPECT_EQ(Retries(quota, {}, almost_one).next(Retry::transient, Duration(10)), Duration(50))
        << "not sooner";
    EXPECT_EQ(Retries(quota, {}, almost_one).next(Retry::transient, Duration(60'000)), Duration(5050))
        << "5 s more at most";
    EXPECT_EQ(retry_after("1500", "9"), Duration(1500));
    EXPECT_EQ(retry_after("", "2"), Duration(2000));
    EXPECT_EQ(retry_after("", ""), std::nullopt);
    EXPECT_EQ(retry_after("", "Fri, 20 Nov 2026 15:00:00 GMT"), std::nullopt);
    EXPECT_EQ(retry_after("-5", ""), std::nullopt);
}

}  // namespace
}  // namespace fadeout::aws
