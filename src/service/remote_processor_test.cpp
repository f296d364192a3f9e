#include "service/remote_processor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <optional>

#include "audio/render.h"
#include "audio/render_test_media.h"
#include "audio/wav_writer.h"
#include "cleanup/test_stores.h"
#include "jobs/memory/memory_job_queue.h"
#include "net/test_server.h"
#include "storage/memory/memory_store.h"

namespace fadeout::service {
namespace {

using std::chrono::seconds;
using storage::Key;
using ::testing::HasSubstr;

const Time now = from_unix_seconds(1'795'187'411);
const std::string direct_key = "pitches/7/processed/lambda.mp3";
std::string text_of(const std::vector<std::byte>& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string make_wav(int seconds_long) {
    MemorySink sink;
    audio::WavWriter wav(sink, 44'100, 1);
    std::vector<std::int16_t> samples(static_cast<std::size_t>(seconds_long) * 44'100);
    for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = static_cast<std::int16_t>(i * 97 % 9'000);
    wav.write(samples);
    wav.finish();
    return text_of(sink.data());
}

std::string render(const std::string& wav, audio::Format format) {
    MemorySource source(wav);
    MemorySink sink;
    audio::RenderPlan plan;
    plan.format = format;
    audio::render(source, sink, plan, {}, [](double) {}, {});
    return text_of(sink.data());
}

const std::string original = make_wav(3);
const std::string output = render(original, audio::Format::mp3);

storage::ObjectHead head(std::uint64_t size_bytes, Time modified) {
    return {{Key::parse(direct_key), size_bytes, modified, "e"}, {}};
}

TEST(Doubt, OnlyWhatIsThereAndNewIsBelieved) {
    EXPECT_EQ(doubt(head(1, now), now), std::nullopt);
    EXPECT_EQ(doubt(head(1, now + seconds(300)), now), std::nullopt);
    EXPECT_EQ(doubt(head(1, now - seconds(2)), now), std::nullopt) << "a store's clock, in whole seconds";
    EXPECT_THAT(doubt(head(1, now - seconds(3)), now).value(), HasSubstr("older"));
    EXPECT_THAT(doubt(head(0, now), now).value(), HasSubstr("empty"));
    EXPECT_THAT(doubt(std::nullopt, now).value(), HasSubstr("no such object"));
}

TEST(CheckOutput, RefusesWhatIsNoAudio) {
    EXPECT_NO_THROW(check_output(std::string(least_output_bytes, 'x')));
    for (const std::string& start :
         {std::string(), std::string(least_output_bytes - 1, 'x'), "<Error>" + output,
          "<?xml version=\"1.0\"?>\n<Error>" + output, "\n <Error>" + output, "\xef\xbb\xbf<Error>" + output,
          "<!DOCTYPE html>" + output})
        EXPECT_THROW(check_output(start), Error) << start.substr(0, 30);
}

class RemoteProcessorTest : public ::testing::Test {
  protected:
    RemoteProcessorTest() { put("pitches/7/song.wav", original); }

    void put(const std::string& key, std::string_view content) {
        const auto writer = objects_.create(Key::parse(key), {});
        writer->write(as_bytes(content));
        writer->commit();
    }
    Rendering rendering(std::string_view target_format = "mp3") {
        return transcode_.prepare(
            transcode_.parse(
                {{"file_url", "pitches/7/song.wav"}, {"pitch_id", "7"}, {"target_format", target_format}}),
            {});
    }
    template <class Use>
    auto with_processor(Use use) {
        RemoteFunction function({.address = server_.url("/run"), .timeout = seconds(20)}, clock_);
        RemoteProcessor processor(
            function, objects_, sources_, transcode_, temporary_, clock_, log_,
            {.fetch_pauses = {Duration(0), Duration(0)}, .on_direct_upload = on_direct_upload_});
        return use(processor);
    }
    std::optional<RemoteResult> run(std::stop_token stop = {}, std::string_view target_format = "mp3") {
        return with_processor([&](RemoteProcessor& processor) {
            std::string cleanup_id;
            return processor.run(
                rendering(target_format), [](double) {}, std::move(stop), cleanup_id);
        });
    }
    /// The keys of the one clean-up that was queued, as JSON; "none".
    std::string scheduled() {
        const auto jobs = queue_->list({.state = std::nullopt, .type = "cleanup"}, "", 10).jobs;
        return jobs.empty() ? "none"
                            : boost::json::serialize(boost::json::parse(jobs.at(0).payload).at("keys"));
    }
    std::optional<RemoteResult> find(std::string_view target_format = "mp3") {
        return with_processor(
            [&](RemoteProcessor& processor) { return processor.find(rendering(target_format)); });
    }
    std::string error() {
        try {
            run();
        } catch (const Error& error) {
            return error.what();
        }
        return "done";
    }
    /// run() ends because `stop` is requested meanwhile.
    void expect_cancelled(const std::stop_source& stop) {
        const auto begun = std::chrono::steady_clock::now();
        try {
            run(stop.get_token());
            FAIL() << "went on";
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::cancelled) << error.what();
        }
        EXPECT_LT(std::chrono::steady_clock::now() - begun, seconds(10)) << "long before the timeout";
        EXPECT_EQ(results(), 0u);
    }
    std::size_t results() { return objects_.list("pitches/7/processed/", "", 100).objects.size(); }
    net::TestAnswer says(boost::json::object answer) {
        const std::string url = output_url_.empty() ? server_.url("/out") : output_url_;
        answer["output_url"] = in_capitals_ ? "HTTP" + url.substr(4) : url;
        answer["temp_files"] = boost::json::array{temp_file_};
        return net::whole(boost::json::serialize(answer));
    }

    ManualClock clock_{now};
    std::function<void(const Key&)> on_direct_upload_ = [](const Key&) {};
    storage::MemoryStore memory_{clock_};
    cleanup::FaultyStore objects_{memory_};
    jobs::Limits limits_;
    std::optional<jobs::MemoryJobQueue> queue_{std::in_place, clock_, limits_};
    std::string lines_;
    LogLine log_ = [this](Severity, const std::string& text) { lines_ += text + "\n"; };
    Sources sources_{
        objects_, clock_, {"memory", "memory", {}}, "http://localhost", net::AddressPolicy({"127.0.0.1"}),
        {}};
    Transcode transcode_{objects_, sources_, clock_, {}};
    TemporaryFiles temporary_{objects_, *queue_, clock_, log_, {}};
    boost::json::object answer_{{"success", true}};
    net::TestAnswer out_ = net::whole(output);
    std::string output_url_, temp_file_ = "processed-audio/x.mp3";  ///< empty URL: the server's own
    bool in_capitals_ = false;
    bool silent_ = false;  ///< the function says no more than a beginning
    std::function<void()> while_asked_ = [] {}, while_fetched_ = [] {};
    net::TestServer server_{[this](const net::TestRequest& request) {
        if (request.target == "/out") {
            while_fetched_();
            return out_;
        }
        while_asked_();
        return silent_ ? net::TestAnswer{"200 OK", {"Content-Length: 9000"}, "{", true} : says(answer_);
    }};
};

TEST_F(RemoteProcessorTest, AnAddressThatNobodyCanBeReachedAtIsRefusedAtTheStart) {
    for (const char* address : {"https://h:99999/", "http://[::1/", "arn:aws:s3:::bucket"})
        EXPECT_THROW(RemoteFunction({.address = address}, clock_), Error) << address;
}

TEST_F(RemoteProcessorTest, AStoreThatCannotBeAskedIsNoConfirmation) {
    answer_ = {{"success", true}, {"direct_upload", true}, {"s3_key", direct_key}};
    while_asked_ = [&] {
        put(direct_key, output);
        objects_.breaks_at("head");
    };
    const RemoteResult result = run().value();
    EXPECT_FALSE(result.direct);
    EXPECT_EQ(result.size_bytes, output.size());
    EXPECT_NE(result.key.str(), direct_key);
    EXPECT_TRUE(memory_.head(result.key));
    EXPECT_THAT(lines_, HasSubstr("could not be verified (the store is away)"));
    EXPECT_EQ(queue_->list({}, "", 10).jobs.at(0).type, "cleanup");
}

TEST_F(RemoteProcessorTest, ADirectUploadIsTakenWhereItCouldBeTold) {
    answer_ = {{"success", true}, {"direct_upload", true}, {"s3_key", direct_key}};
    while_asked_ = [&] { put(direct_key, output); };
    std::vector<std::string> told;
    on_direct_upload_ = [&](const Key& key) { told.push_back(key.str()); };
    run();
    EXPECT_EQ(told, std::vector{direct_key});
    EXPECT_EQ(results(), 1u);
    on_direct_upload_ = [](const Key&) { throw Error(ErrorKind::unavailable, "no queue"); };
    run();
    EXPECT_EQ(results(), 2u) << "fetched: a mirror's second store would never hear of the first one";
}

TEST_F(RemoteProcessorTest, AnOutputThatBreaksOffLeavesNothing) {
    out_ = {"200 OK", {"Content-Length: 900000"}, output};
    EXPECT_THAT(error(), HasSubstr("broke off"));
    EXPECT_EQ(results(), 0u);
    EXPECT_EQ(scheduled(), R"(["processed-audio/x.mp3"])");
}

TEST_F(RemoteProcessorTest, AnotherNodeThatWasFirstIsNoFailure) {
    const std::string final_key = rendering().key.str();
    while_fetched_ = [&] { put(final_key, "theirs"); };
    EXPECT_FALSE(run());
    EXPECT_EQ(scheduled(), R"(["processed-audio/x.mp3"])");
    EXPECT_EQ(memory_.head(Key::parse(final_key))->info.size_bytes, 6u) << "theirs stays";
    EXPECT_THAT(lines_, HasSubstr("Another node was first"));
}

TEST_F(RemoteProcessorTest, AnOutputThatCannotSeekIsFetchedOnce) {
    const std::string longer = make_wav(20);
    put("pitches/7/song.wav", longer);
    const std::string long_output = render(longer, audio::Format::mp3);
    ASSERT_GT(long_output.size(), 400'000u) << "more than is read at once";
    out_ = net::whole(long_output);
    int fetched = 0;
    while_fetched_ = [&] { ++fetched; };
    const auto stored = objects_.open(run().value().key);
    std::vector<std::byte> bytes(stored->size().value());
    read_fully(*stored, 0, bytes);
    EXPECT_EQ(text_of(bytes), long_output);
    EXPECT_EQ(fetched, 1);
}

TEST_F(RemoteProcessorTest, AnOutputOfAnotherKindOrLengthIsNotStored) {
    out_ = net::whole(render(original, audio::Format::flac));
    EXPECT_THAT(error(), HasSubstr("is flac, not the mp3"));
    out_ = net::whole(render(make_wav(1), audio::Format::mp3));
    EXPECT_THAT(error(), HasSubstr("lasts 1.0 s, its source 3.0 s"));
    EXPECT_EQ(results(), 0u);
}

/// libav's estimate from the bit rate is far off for both.
TEST_F(RemoteProcessorTest, AnOutputOrSourceThatPromisesNoLengthIsMeasured) {
    const std::string piped = text_of(audio::testing::mp3_without_length(3 * 44'100));
    out_ = net::whole(piped);
    EXPECT_EQ(run().value().size_bytes, piped.size());
    put("pitches/7/song.wav", piped);
    EXPECT_EQ(run().value().size_bytes, piped.size());
    out_ = net::whole(output);
    EXPECT_EQ(error(), "done");
    out_ = net::whole(text_of(audio::testing::mp3_without_length(44'100)));
    put("pitches/7/song.wav", original + " ");
    EXPECT_THAT(error(), HasSubstr("lasts 1.1 s, its source 3.0 s")) << "measured, and still checked";
}

TEST_F(RemoteProcessorTest, TheOriginalIsNoOutputAndRefusedAsTemporary) {
    temp_file_ = "pitches/7/song.wav";
    output_url_ = objects_.presign(storage::LinkMethod::get, Key::parse(temp_file_), seconds(60), {});
    EXPECT_NE(error(), "done");
    EXPECT_EQ(results(), 0u);
    const auto job = queue_->list({}, "", 10).jobs.at(0);
    clock_.advance(TemporaryFiles::result_wait);
    const auto result = temporary_.clean(boost::json::parse(job.payload).as_object(), job.created_at);
    EXPECT_EQ(result.at("refused"), 1) << "counted, once";
    EXPECT_THAT(lines_, HasSubstr("refused pitches/7/song.wav: it is the original"));
    EXPECT_TRUE(memory_.head(Key::parse(temp_file_)));
}

TEST_F(RemoteProcessorTest, WhatIsTemporaryIsScheduledBeforeTheOutputIsFetched) {
    std::string seen;
    while_fetched_ = [&] { seen = scheduled(); };
    run();
    EXPECT_EQ(seen, R"(["processed-audio/x.mp3"])") << "a kill from here on leaves nothing behind";
}

TEST_F(RemoteProcessorTest, WhatIsTemporaryIsScheduledWhateverBecomesOfTheAnswer) {
    answer_ = {{"success", true}, {"watermarked", false}};
    const auto watermarked = transcode_.prepare(
        transcode_.parse({{"file_url", "pitches/7/song.wav"}, {"pitch_id", "7"}, {"apply_watermark", true}}),
        {});
    std::string cleanup_id;
    with_processor([&](RemoteProcessor& processor) {
        EXPECT_THROW(processor.run(
                         watermarked, [](double) {}, {}, cleanup_id),
                     Error);
    });
    EXPECT_EQ(queue_->list({}, "", 10).jobs.at(0).id, cleanup_id);
}

TEST_F(RemoteProcessorTest, AWatermarkThatWasNotAskedForIsRefused) {
    answer_ = {{"success", true}, {"direct_upload", true}, {"s3_key", direct_key}, {"watermarked", true}};
    while_asked_ = [&] { put(direct_key, output); };
    EXPECT_THAT(error(), HasSubstr("added a watermark that was not asked for"));
    EXPECT_FALSE(find()) << "nor noted for the next request";
}

TEST_F(RemoteProcessorTest, WhatAFunctionNamedItselfIsFoundAgain) {
    answer_ = {{"success", true}, {"direct_upload", true}, {"s3_key", direct_key}};
    while_asked_ = [&] { put(direct_key, output); };
    EXPECT_FALSE(find());
    run();
    EXPECT_EQ(find().value().key.str(), direct_key);
    EXPECT_EQ(find().value().size_bytes, output.size());
    objects_.remove(std::vector{Key::parse(direct_key)});
    EXPECT_FALSE(find()) << "it was deleted meanwhile";
}

TEST_F(RemoteProcessorTest, WhatAFunctionWroteOverIsNotFoundAgain) {
    answer_ = {{"success", true}, {"direct_upload", true}, {"s3_key", direct_key}};
    std::string content = output;
    while_asked_ = [&] { put(direct_key, content); };
    run();
    EXPECT_TRUE(find());
    content.back() ^= 1;  // of the same length
    put(direct_key, content);
    EXPECT_FALSE(find()) << "another request's result";
    run();
    EXPECT_TRUE(find()) << "the new note holds";
}

TEST_F(RemoteProcessorTest, ANoteOfNoVersionDoesNotCount) {
    answer_ = {{"success", true}, {"direct_upload", true}, {"s3_key", direct_key}};
    while_asked_ = [&] { put(direct_key, output); };
    run();
    const std::string note = objects_.list("renders/7/", "", 2).objects.at(0).key.str();
    for (const std::string& text : {direct_key, direct_key + "\n", std::string("\n"), std::string()}) {
        put(note, text);
        EXPECT_FALSE(find()) << text;
    }
}

TEST_F(RemoteProcessorTest, EachSpellingOfAFormatIsAResultOfItsOwn) {
    answer_ = {{"success", true}, {"direct_upload", true}, {"s3_key", direct_key}};
    while_asked_ = [&] { put(direct_key, output); };
    run({}, "aac");
    EXPECT_TRUE(find("aac"));
    EXPECT_FALSE(find("m4a")) << "an .aac that a function wrote is no .m4a";
}

TEST_F(RemoteProcessorTest, AnOutputUrlMayBeInCapitals) {
    in_capitals_ = true;
    EXPECT_EQ(run().value().size_bytes, output.size());
}

TEST_F(RemoteProcessorTest, AQueueThatIsFullDoesNotUndoAResult) {
    limits_.queued = 0;
    queue_.emplace(clock_, limits_);
    EXPECT_EQ(run().value().size_bytes, output.size());
    EXPECT_EQ(results(), 1u);
    EXPECT_THAT(lines_, HasSubstr("could not be scheduled"));
}

TEST_F(RemoteProcessorTest, WaitingForTheFunctionCanBeCancelled) {
    std::stop_source stop;
    while_asked_ = [&] { stop.request_stop(); };
    silent_ = true;
    expect_cancelled(stop);
}

TEST_F(RemoteProcessorTest, WaitingForItsOutputCanBeCancelled) {
    std::stop_source stop;
    while_fetched_ = [&] { stop.request_stop(); };
    out_ = {"200 OK", {"Content-Length: 9000"}, output.substr(0, 10), true};
    expect_cancelled(stop);
}

TEST(TranscodeUrl, IsAddedToWhatHasNoPath) {
    EXPECT_EQ(transcode_url("https://h"), "https://h/transcode");
    EXPECT_EQ(transcode_url("https://h/"), "https://h/transcode");
    EXPECT_EQ(transcode_url("https://h:8443/?key=1"), "https://h:8443/transcode?key=1");
    EXPECT_EQ(transcode_url("https://h?key=1"), "https://h/transcode?key=1");
    EXPECT_EQ(transcode_url("https://h/prod/run?key=1"), "https://h/prod/run?key=1");
}

}  // namespace
}  // namespace fadeout::service
