#include "cli/cleanup_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <boost/json/parse.hpp>

#include "base/error.h"

namespace fadeout::cli {
namespace {

struct Outcome {
    int code;
    std::string out, err;
};

Outcome report(bool json, bool dry_run, const CleanupRun& run) {
    const Program program{};
    Invocation invocation{program, {}, json};
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int code = report_cleanup(invocation, dry_run, run);
    return {code, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
}

service::CleanupSummary summary(std::uint64_t deleted, std::uint64_t failed, bool dry_run = false) {
    service::CleanupSummary s;
    s.deleted = deleted;
    s.kept = 5;
    s.failed = failed;
    s.bytes = 100 * deleted;
    s.dry_run = dry_run;
    return s;
}

TEST(CleanupReport, CountsAsJsonWithoutItems) {
    const Outcome outcome =
        report(true, false, [](const service::CleanupObserver& observer, std::stop_token) {
            observer.on_item({"temp-audio/a.wav", "delete", "link expired"});
            return summary(3, 0);
        });
    EXPECT_EQ(outcome.code, 0);
    EXPECT_EQ(
        boost::json::parse(outcome.out),
        boost::json::parse(R"({"deleted": 3, "kept": 5, "failed": 0, "bytes": 300, "dry_run": false})"));
}

TEST(CleanupReport, ADryRunListsItemsAsJson) {
    for (const int items : {0, 1, 3}) {
        const Outcome outcome =
            report(true, true, [&](const service::CleanupObserver& observer, std::stop_token) {
                for (int i = 0; i < items; ++i)
                    observer.on_item({"k\"" + std::to_string(i), "keep", "link valid"});
                return summary(0, 0, true);
            });
        const auto json = boost::json::parse(outcome.out).as_object();
        ASSERT_EQ(json.at("items").as_array().size(), static_cast<std::size_t>(items));
        EXPECT_TRUE(json.at("dry_run").as_bool());
        EXPECT_EQ(json.at("kept"), 5);
        if (items > 0) {
            EXPECT_EQ(json.at("items").at(0),
                      boost::json::parse(R"({"key": "k\"0", "action": "keep", "reason": "link valid"})"));
        }
    }
}

TEST(CleanupReport, ItemsAreWrittenAsTheyComeAndAnErrorAmongThemStaysJson) {
    const Outcome outcome = report(true, true, [](const service::CleanupObserver& observer, std::stop_token) {
        observer.on_item({"k", "keep", "r"});
        throw Error(ErrorKind::unavailable, "The store is away.");
        return service::CleanupSummary{};
    });
    EXPECT_EQ(outcome.code, 1);
    const auto json = boost::json::parse(outcome.out).as_object();
    EXPECT_EQ(json.at("items").as_array().size(), 1u);
    EXPECT_EQ(json.at("error"), "The store is away.");
    EXPECT_THAT(outcome.err, testing::StartsWith("fadeout: The store is away."));
}

TEST(CleanupReport, FailedKeysAreNamedAndExitOne) {
    const Outcome outcome =
        report(false, false, [](const service::CleanupObserver& observer, std::stop_token) {
            observer.on_item({"temp-audio/stuck.wav", "failed", "busy"});
            return summary(1, 1);
        });
    EXPECT_EQ(outcome.code, 1);
    EXPECT_EQ(outcome.err, "fadeout: temp-audio/stuck.wav: busy\n");
    EXPECT_THAT(outcome.out, testing::AllOf(testing::HasSubstr("1"), testing::EndsWith("\n")));
}

TEST(CleanupReport, TextOfADryRunNamesEveryKeyAndWhy) {
    const Outcome outcome =
        report(false, true, [](const service::CleanupObserver& observer, std::stop_token) {
            observer.on_item({"temp-audio/a.wav", "delete", "link expired"});
            return summary(1, 0, true);
        });
    EXPECT_THAT(outcome.out, testing::StartsWith("delete temp-audio/a.wav (link expired)\n"));
}

TEST(CleanupReport, ARefusalPassesThroughForTextAndIsJsonOtherwise) {
    const CleanupRun refuse = [](const service::CleanupObserver&,
                                 std::stop_token) -> service::CleanupSummary {
        throw Error(ErrorKind::invalid, "pitches/ is no temporary folder.");
    };
    const Outcome outcome = report(true, false, refuse);
    EXPECT_EQ(outcome.code, 2);
    EXPECT_EQ(boost::json::parse(outcome.out).at("kind"), "invalid");
    EXPECT_THROW(report_cleanup(Invocation{Program{}, {}, false}, false, refuse), Error);
}

TEST(CleanupReport, AnInterruptStopsTheRunAndExits130) {
    const Outcome outcome = report(false, false, [](const service::CleanupObserver&, std::stop_token stop) {
        ::kill(::getpid(), SIGINT);
        for (int i = 0; i < 5000 && !stop.stop_requested(); ++i) ::usleep(1000);
        EXPECT_TRUE(stop.stop_requested());
        return summary(1, 0);
    });
    EXPECT_EQ(outcome.code, 130);
    EXPECT_THAT(outcome.err, testing::HasSubstr("Interrupted"));
}

}  // namespace
}  // namespace fadeout::cli
