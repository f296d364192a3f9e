#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <cstdlib>

#include "base/error.h"
#include "cli/program.h"

namespace fadeout::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Outcome {
    int code;
    std::string out, err;
};

std::shared_ptr<service::Services> out_of_order(const config::Settings& settings) {
    throw Error(ErrorKind::unavailable, "The data folder cannot be used.", settings.data);
}

Outcome run_words(std::vector<std::string> words, const Program& program) {
    words.insert(words.begin(), "fadeout");
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int code = run(static_cast<int>(argv.size()), argv.data(), program);
    return {code, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
}

Outcome run_words(std::vector<std::string> words) {
    return run_words(std::move(words),
                     {"1.2.3", out_of_order, out_of_order, [](const config::Settings&) { return 7; },
                      [](const config::Settings&) { return 8; }});
}

TEST(Run, WrongArgumentsAreOneLineAndExitTwo) {
    for (const std::vector<std::string>& words :
         std::vector<std::vector<std::string>>{{},
                                               {"nonsense"},
                                               {"transcode"},
                                               {"sweep", "--dry-rum"},
                                               {"sweep", "--sweep-mode", "never"},
                                               {"jobs"},
                                               {"jobs", "list", "--state", "gone"},
                                               {"jobs", "list", "--type", "speech"},
                                               {"tables"},
                                               {"tables", "drop"},
                                               {"completion", "fish"},
                                               {"presign", "../x"},
                                               {"migrate", "s3://a"},
                                               {"migrate", "s3://a", "s3://a"},
                                               {"waveform", "x.wav", "--peaks", "0"},
                                               {"transcode", "-", "-", "--json"},
                                               {"transcode", "a", "b.xyz"},
                                               {"process", "pitches/7/song.wav"},
                                               {"transcode", "a", "b.mp3", "--bitrate", "12k7"},
                                               {"transcode", "a", "b.mp3", "--watermark", "volume=inf"}}) {
        const Outcome outcome = run_words(words);
        EXPECT_EQ(outcome.code, 2) << testing::PrintToString(words);
        EXPECT_THAT(outcome.err, StartsWith("fadeout: ")) << testing::PrintToString(words);
        EXPECT_EQ(std::ranges::count(outcome.err, '\n'), 1) << outcome.err;
        if (words.size() < 4) {
            EXPECT_EQ(outcome.out, "");
        }
    }
}

TEST(Run, AMissingFileIsNamedAndExitOne) {
    const Outcome outcome = run_words({"transcode", "/nowhere/missing.wav", "/nowhere/x.mp3"});
    EXPECT_EQ(outcome.code, 1);
    EXPECT_THAT(outcome.err, HasSubstr("missing.wav: "));
}

TEST(Run, WithJsonAnErrorIsAnObjectOnStandardOutputToo) {
    const Outcome outcome = run_words({"sweep", "--json", "--data", "somewhere"});
    EXPECT_EQ(outcome.code, 1);
    EXPECT_EQ(outcome.err, "fadeout: The data folder cannot be used. (somewhere)\n");
    const auto json = boost::json::parse(outcome.out).as_object();
    EXPECT_EQ(json.at("error").as_string(), "The data folder cannot be used.");
    EXPECT_EQ(json.at("kind").as_string(), "unavailable");
}

TEST(Run, WorkerIsNotServe) {
    EXPECT_EQ(run_words({"worker"}).code, 8);
    EXPECT_EQ(run_words({"serve"}).code, 7);
}

TEST(Run, LambdaKeepsItsDataWhereLambdaLetsItWrite) {
    std::string data;
    std::string failure;
    Program program;
    program.lambda = [&](const config::Settings& settings, std::stop_token) {
        data = settings.data;
        return 7;
    };
    program.report_lambda_start = [&](const Error& error) { failure = error.what(); };
    EXPECT_EQ(run_words({"lambda"}, program).code, 7);
    EXPECT_EQ(data, "/tmp/fadeout");
    EXPECT_EQ(run_words({"lambda", "--data", "/mnt/efs"}, program).code, 7);
    EXPECT_EQ(data, "/mnt/efs");
    EXPECT_EQ(failure, "");
    EXPECT_EQ(run_words({"lambda", "--jobs", "many"}, program).code, 2);
    EXPECT_THAT(failure, HasSubstr("jobs.threads"));
}

TEST(Run, ServePassesSettingsAndExitCodeOn) {
    config::Settings seen;
    const Program program{"",
                          out_of_order,
                          out_of_order,
                          [&](const config::Settings& settings) {
                              seen = settings;
                              return 7;
                          },
                          {}};
    EXPECT_EQ(run_words({"serve", "--listen", "127.0.0.1:0", "--jobs", "3"}, program).code, 7);
    EXPECT_EQ(seen.http.listen, "127.0.0.1:0");
    EXPECT_EQ(seen.jobs.threads, 3);
}

TEST(Run, ServeRefusesToListenForEverybodyWithoutKeys) {
    const Outcome outcome = run_words({"serve", "--listen", "0.0.0.0:8080"});
    EXPECT_EQ(outcome.code, 2);
    EXPECT_THAT(outcome.err, HasSubstr("--api-key-file"));
    EXPECT_EQ(run_words({"serve", "--listen", "0.0.0.0:8080", "--listen-without-keys"}).code, 7);
}

TEST(Run, AnUnknownVariableStopsEverythingThatHasSettings) {
    ::setenv("FADEOUT_DTAA", "x", 1);
    const Outcome outcome = run_words({"serve"});
    EXPECT_EQ(run_words({"--version"}).code, 0);
    ::unsetenv("FADEOUT_DTAA");
    EXPECT_EQ(outcome.code, 2);
    EXPECT_THAT(outcome.err, HasSubstr("FADEOUT_DATA"));
}

TEST(Run, ConfigShowsOriginsAndMasksSecrets) {
    const Outcome text = run_words({"config", "--store", "s3://key:hunter2@bucket", "--jobs", "4"});
    EXPECT_EQ(text.code, 0);
    EXPECT_THAT(text.out, AllOf(HasSubstr("flag --jobs"), Not(HasSubstr("hunter2"))));
    const Outcome json = run_words({"config", "--jobs", "4", "--json"});
    bool found = false;
    const auto settings = boost::json::parse(json.out);
    for (const auto& each : settings.as_array())
        if (each.at("name") == "jobs.threads")
            found =
                each.at("value") == "4" && each.at("origin") == "flag --jobs" && each.at("default") == "-1";
    EXPECT_TRUE(found) << json.out;
}

template <class Part>
std::function<std::unique_ptr<Part>()> broken(const std::string& name) {
    return [name]() -> std::unique_ptr<Part> { throw Error(ErrorKind::internal, name + ": wrong"); };
}

StateParts broken_parts(const config::Settings&) {
    return {.open_data = [] { throw Error(ErrorKind::denied, "The folder cannot be made."); },
            .stores = {{"1st ", broken<storage::ObjectStore>("1st store")},
                       {"2nd ", broken<storage::ObjectStore>("2nd store")}},
            .open_records = broken<records::RecordStore>("records"),
            .open_queue = broken<jobs::JobQueue>("queue")};
}

TEST(Run, DoctorSaysWhatIsWrongAndIsOnlyContentIfAllIsWell) {
    Program program;
    program.open_media = out_of_order;
    program.state_parts = broken_parts;
    const Outcome outcome =
        run_words({"doctor", "--listen", "0.0.0.0:80", "--api-key-file", "/nowhere/keys"}, program);
    EXPECT_EQ(outcome.code, 1);
    EXPECT_THAT(outcome.out, AllOf(HasSubstr("WRONG  addresses"), HasSubstr("--public-url"),
                                   HasSubstr("WRONG  api keys"), HasSubstr("WRONG  state")));
    EXPECT_THAT(outcome.out, AllOf(HasSubstr("1st store: wrong"), HasSubstr("2nd store: wrong"),
                                   HasSubstr("records: wrong"), HasSubstr("queue: wrong")))
        << "each is looked at, whatever the others are like";
    const auto json = boost::json::parse(run_words({"doctor", "--json"}, program).out);
    EXPECT_FALSE(json.at("ok").as_bool());
    EXPECT_TRUE(json.at("checks").at(0).at("ok").as_bool());
}

}  // namespace
}  // namespace fadeout::cli
