#include "lambda/loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>

#include "http/test_server.h"
#include "net/test_server.h"

namespace fadeout::lambda {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

/// A Runtime API that hands out `events`, then asks the loop to stop while its call waits.
class Runtime {
  public:
    explicit Runtime(std::vector<std::string> events) : events_(std::move(events)) {}

    Duration time_limit{60'000};
    std::atomic<int> next_fails = 0;  ///< so many calls of next are answered 503 first
    std::string response_status = "202 Accepted";

    std::atomic<bool> posted = false;

    /// Runs a loop until all events are handed out; false: it gave up.
    bool run(service::Services& services) { return run(services, routes(services, {}, true)); }
    bool run(service::Services& services, std::vector<http::Route> all) {
        RuntimeApi api("127.0.0.1:" + server_.port(), Duration(1));
        Function function(services, {std::move(all), {}, {}, ""}, [](const http::AccessEntry&) {});
        Loop loop(api, function, services.clock, [](Severity, const std::string&) {});
        try {
            loop.run(stop_.get_token());
        } catch (const Error&) {
            return false;
        }
        return true;
    }

    /// "next", or the path's end and the body of each post.
    std::vector<std::string> calls() const {
        std::vector<std::string> all;
        for (const net::TestRequest& request : server_.requests())
            if (request.method == "POST")
                all.push_back(request.target.substr(std::string("/2018-06-01/runtime").size()) + " " +
                              request.header("lambda-runtime-function-error-type") + " " + request.body);
        return all;
    }
    std::size_t next_calls() const {
        return static_cast<std::size_t>(
            std::ranges::count_if(server_.requests(), [](const auto& r) { return r.method == "GET"; }));
    }

  private:
    net::TestAnswer answer(const net::TestRequest& request) {
        if (request.method == "POST") {
            posted = true;
            posted.notify_all();
            return {request.target.ends_with("/response") ? response_status : "202 Accepted",
                    {"Content-Length: 0"},
                    ""};
        }
        if (next_fails-- > 0) return {"503 Service Unavailable", {"Content-Length: 0"}, ""};
        if (handed_out_ == events_.size()) {
            stop_.request_stop();
            return {.status = "200 OK", .headers = {}, .body = {}, .then_silent = true};
        }
        const auto deadline = (SystemClock().now() + time_limit).time_since_epoch().count();
        const std::string& event = events_[handed_out_++];
        return net::whole(event, {"Lambda-Runtime-Aws-Request-Id: r" + std::to_string(handed_out_),
                                  "Lambda-Runtime-Deadline-Ms: " + std::to_string(deadline),
                                  "Lambda-Runtime-Trace-Id: Root=1-" + std::to_string(handed_out_)});
    }

    std::vector<std::string> events_;
    std::size_t handed_out_ = 0;
    std::stop_source stop_;
    net::TestServer server_{[this](const net::TestRequest& request) { return answer(request); }};
};

constexpr const char* health = R"({"path": "/healthz", "httpMethod": "GET"})";
constexpr const char* schedule = R"({"source": "aws.events"})";

TEST(Loop, AnswersOneAfterTheOther) {
    http::TestServices services;
    Runtime runtime({health, "broken", health});
    EXPECT_TRUE(runtime.run(services.services));
    EXPECT_THAT(runtime.calls(), ElementsAre(HasSubstr("/invocation/r1/response  {\"statusCode\":200"),
                                             HasSubstr("/invocation/r2/response  {\"statusCode\":400"),
                                             HasSubstr("/invocation/r3/response  {\"statusCode\":200")));
    EXPECT_STREQ(std::getenv("_X_AMZN_TRACE_ID"), "Root=1-3");
}

TEST(Loop, AnApiThatFailsIsAskedAgainAndThenGivenUp) {
    http::TestServices services;
    Runtime recovers({health});
    recovers.next_fails = 4;
    EXPECT_TRUE(recovers.run(services.services));
    EXPECT_EQ(recovers.calls().size(), 1U);
    Runtime stays_broken({health});
    stays_broken.next_fails = 5;
    EXPECT_FALSE(stays_broken.run(services.services));
    EXPECT_EQ(stays_broken.next_calls(), 5U);
}

/// Records that cannot be reached.
class LostRecords final : public service::FailingRecords {
  public:
    std::vector<std::string> dates() override {
        throw Error(ErrorKind::unavailable, "The records cannot be reached.");
    }
};

TEST(Loop, ASweepThatFailsIsAFailureOfTheFunction) {
    http::TestServices services;
    LostRecords records;
    service::Cleanup cleanup(*services.store, records, services.clock, {});
    const service::Services& s = services.services;
    service::Services broken{.clock = s.clock,
                             .speech = s.speech,
                             .sources = s.sources,
                             .transcode = s.transcode,
                             .process = s.process,
                             .objects = s.objects,
                             .resigned_links = s.resigned_links,
                             .jobs = s.jobs,
                             .cleanup = cleanup,
                             .report = s.report,
                             .metrics = s.metrics,
                             .store = s.store,
                             .records = s.records,
                             .synthesizer = s.synthesizer,
                             .upload_link_expiry = s.upload_link_expiry};
    Runtime runtime({schedule});
    EXPECT_TRUE(runtime.run(broken));
    EXPECT_THAT(
        runtime.calls(),
        ElementsAre(HasSubstr("/invocation/r1/error Fadeout.unavailable {\"errorMessage\":\"The records")));
}

TEST(Loop, AnAnswerThatIsNotTakenBecomesAnError) {
    http::TestServices services;
    Runtime runtime({health, health});
    runtime.response_status = "413 Payload Too Large";
    EXPECT_TRUE(runtime.run(services.services)) << "the loop goes on";
    EXPECT_THAT(
        runtime.calls(),
        ElementsAre(HasSubstr("r1/response"), HasSubstr("r1/error Fadeout.internal {\"errorMessage\":"),
                    HasSubstr("r2/response"), HasSubstr("r2/error Fadeout.internal")));
}

TEST(Loop, WorkIsStoppedBeforeItsDeadline) {
    http::TestServices services;
    Runtime runtime({R"({"path": "/tts/sync", "httpMethod": "POST", "body": {"text": "wait for ever"}})"});
    runtime.time_limit = Loop::stop_margin + Duration(50);
    EXPECT_TRUE(runtime.run(services.services));
    EXPECT_THAT(runtime.calls(), ElementsAre(HasSubstr("/invocation/r1/response  {\"statusCode\":504")));
}

TEST(Loop, WorkThatDoesNotStopIsAnsweredForAndWaitedFor) {
    http::TestServices services;
    constexpr const char* voices = R"({"path": "/voices", "httpMethod": "GET"})";
    Runtime runtime({voices, voices});
    runtime.time_limit = Loop::answer_margin + Duration(50);
    int ended = 0;
    http::Route route;
    route.method = "GET";
    route.pattern = "/voices";
    route.any_origin = true;
    route.handle = [&](const http::Request&, std::stop_token) {
        runtime.posted.wait(false);
        ++ended;
        return http::Response();
    };
    EXPECT_TRUE(runtime.run(services.services, {route}));
    EXPECT_THAT(runtime.calls(),
                ElementsAre(AllOf(HasSubstr("/invocation/r1/response  {\"statusCode\":504"),
                                  HasSubstr(R"("Access-Control-Allow-Origin":"*")"),
                                  HasSubstr(R"("X-Request-Id":"r1")"), HasSubstr(R"({\"detail\":)")),
                            HasSubstr("/invocation/r2/response  {\"statusCode\":200")));
    EXPECT_EQ(ended, 2);
}

TEST(RuntimeApi, TellsWhyTheStartFailed) {
    net::TestServer server([](const net::TestRequest&) { return net::TestAnswer{"202 Accepted", {}, ""}; });
    RuntimeApi api("127.0.0.1:" + server.port());
    api.fail_start(Failure(Error(ErrorKind::invalid, "A setting is wrong.", "private")));
    const net::TestRequest seen = server.requests().at(0);
    EXPECT_EQ(seen.target, "/2018-06-01/runtime/init/error");
    EXPECT_EQ(seen.header("lambda-runtime-function-error-type"), "Fadeout.invalid");
    EXPECT_EQ(seen.body,
              R"({"errorMessage":"A setting is wrong.","errorType":"Fadeout.invalid","stackTrace":[]})");
}

}  // namespace
}  // namespace fadeout::lambda
