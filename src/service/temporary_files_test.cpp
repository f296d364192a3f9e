#include "service/temporary_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/error.h"
#include "cleanup/test_stores.h"
#include "jobs/memory/memory_job_queue.h"
#include "storage/memory/memory_store.h"

namespace fadeout::service {
namespace {

using std::chrono::minutes;
using storage::Key;

const Key final_key = Key::parse("pitches/7/processed/x.mp3");

class TemporaryFilesTest : public ::testing::Test {
  protected:
    TemporaryFilesTest() { put(final_key.str()); }

    void put(const std::string& key) {
        const auto writer = objects_.create(Key::parse(key), {});
        writer->write(as_bytes("0123456789"));
        writer->commit();
    }
    TemporaryFiles files(TemporaryFilesOptions options = {}) {
        return {objects_, queue_, clock_,
                [this](Severity, const std::string& line) { lines_ += line + '\n'; }, std::move(options)};
    }
    /// Runs the clean-up of `keys` one delay from now.
    boost::json::object clean(const std::vector<std::string>& keys) {
        clock_.advance(minutes(60));
        return files().clean(
            {{"keys", boost::json::array(keys.begin(), keys.end())}, {"final_key", final_key.str()}},
            clock_.now() - minutes(60));
    }
    /// Leases what is due and runs it, as a worker does.
    boost::json::object run_due(TemporaryFiles files) {
        const auto lease = queue_.lease({}).value();
        try {
            auto result = cleanup_job(files).run(lease.job, boost::json::parse(lease.job.payload).as_object(),
                                                 [](double) {}, {});
            queue_.done(lease.job.id, lease.token, boost::json::serialize(result));
            return result;
        } catch (const Error& error) {
            queue_.failed(lease.job.id, lease.token, error.what(), {true, {minutes(1)}});
            throw;
        }
    }
    std::vector<jobs::Job> jobs() { return queue_.list({}, "", 100).jobs; }
    bool exists(const std::string& key) { return memory_.head(Key::parse(key)).has_value(); }

    ManualClock clock_{from_unix_seconds(1'795'187'411)};
    storage::MemoryStore memory_{clock_};
    cleanup::FaultyStore objects_{memory_};
    jobs::MemoryJobQueue queue_{clock_};
    std::string lines_;
};

TEST_F(TemporaryFilesTest, EachAnswerSchedulesOneCleanUpForAfterTheDelay) {
    TemporaryFiles temporary = files();
    const std::string url = "http://localhost/objects/memory/processed-audio/b.mp3?X-Amz-Signature=1";
    const std::vector<std::string> named{"processed-audio/a.mp3", url, url,
                                         "https://elsewhere.example/c.mp3?X-Amz-Signature=secret"};
    const std::string id = temporary.schedule(named, {final_key});
    ASSERT_EQ(jobs().size(), 1u);
    EXPECT_EQ(jobs()[0].id, id);
    EXPECT_EQ(jobs()[0].run_at, clock_.now() + minutes(60));
    const auto payload = boost::json::parse(jobs()[0].payload).as_object();
    EXPECT_EQ(payload.at("keys"), (boost::json::array{"processed-audio/a.mp3", "processed-audio/b.mp3"}));
    EXPECT_THAT(lines_, testing::HasSubstr("stays where it is: https://elsewhere.example/c.mp3"));
    EXPECT_THAT(lines_, testing::Not(testing::HasSubstr("secret")));
    temporary.result_is_stored(id);
    clock_.advance(minutes(59));
    EXPECT_FALSE(queue_.lease({})) << "not progressive: the delay holds";
    clock_.advance(minutes(1));
    EXPECT_TRUE(queue_.lease({}));
    temporary.schedule(named, {final_key});
    EXPECT_EQ(jobs().size(), 2u) << "a function that is asked again stores anew, under whatever name";
}

TEST_F(TemporaryFilesTest, ProgressiveMeansOnceTheResultIsStored) {
    put("processed-audio/a.mp3");
    TemporaryFiles temporary = files({.progressive = true});
    const std::string id = temporary.schedule({"processed-audio/a.mp3"}, {final_key});
    EXPECT_FALSE(queue_.lease({})) << "the output may not be fetched yet";
    temporary.result_is_stored(id);
    EXPECT_EQ(run_due(temporary).at("deleted"), 1);
}

TEST_F(TemporaryFilesTest, AProgressiveRunThatDiesIsCleanedAfterTheDelay) {
    put("processed-audio/a.mp3");
    const TemporaryFiles temporary = files({.progressive = true});
    files({.progressive = true}).schedule({"processed-audio/a.mp3"}, {final_key});
    clock_.advance(minutes(60));
    EXPECT_EQ(run_due(temporary).at("deleted"), 1);
}

TEST_F(TemporaryFilesTest, NothingIsScheduledWhereNothingIsTemporary) {
    EXPECT_EQ(files({.enabled = false}).schedule({"processed-audio/b.mp3"}, {final_key}), "");
    EXPECT_EQ(files().schedule({}, {final_key}), "");
    const Key direct_key = Key::parse("pitches/7/processed/lambda.mp3");
    for (const Key& key : {final_key, direct_key})
        EXPECT_EQ(files().schedule({"http://localhost/objects/memory/" + key.str()}, {final_key, direct_key}),
                  "")
            << "a link to the result";
    files().result_is_stored("");
    EXPECT_TRUE(jobs().empty());
}

TEST_F(TemporaryFilesTest, FailuresStayDueAndStopNothing) {
    for (const char* key : {"processed-audio/a", "processed-audio/b", "processed-audio/c"}) put(key);
    objects_.stuck = {"processed-audio/b"};
    const std::vector<std::string> keys{"processed-audio/a", "processed-audio/b", "processed-audio/c"};
    try {
        clean(keys);
        FAIL() << "reported success";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::unavailable) << "the worker tries again";
        EXPECT_THAT(error.what(), ::testing::HasSubstr("1 of 3"));
    }
    EXPECT_TRUE(exists("processed-audio/b"));
    EXPECT_FALSE(exists("processed-audio/a") || exists("processed-audio/c"));
    objects_.stuck.clear();
    EXPECT_EQ(clean(keys).at("deleted"), 1);
    EXPECT_FALSE(exists("processed-audio/b"));
}

TEST_F(TemporaryFilesTest, AStoreThatCannotBeAskedKeepsEverything) {
    put("processed-audio/a");
    objects_.breaks_at("head");
    EXPECT_THROW(clean({"processed-audio/a"}), Error);
    EXPECT_TRUE(exists("processed-audio/a"));
}

TEST_F(TemporaryFilesTest, ItWaitsForTheResultAndThenEndsWithoutIt) {
    put("processed-audio/a");
    memory_.remove(std::span(&final_key, 1));
    const boost::json::object body{{"keys", boost::json::array{"processed-audio/a"}},
                                   {"final_key", final_key.str()}};
    const Time scheduled = clock_.now();
    for (const auto passed : {minutes(60), minutes(119)}) {
        clock_.set(scheduled + passed);
        EXPECT_THROW(files().clean(body, scheduled), Error) << "it may be fetched at this moment";
        EXPECT_TRUE(exists("processed-audio/a"));
    }
    clock_.set(scheduled + minutes(120));
    const boost::json::object result = files().clean(body, scheduled);
    EXPECT_EQ(result.at("deleted"), 1) << "temporary is temporary";
    EXPECT_THAT(result.at("reason").as_string().c_str(), ::testing::HasSubstr("never stored"));
}

TEST_F(TemporaryFilesTest, AResultWhereTheFunctionPutItIsOneToo) {
    put("processed-audio/a");
    const Key direct_key = Key::parse("pitches/7/processed/lambda.mp3");
    put(direct_key.str());
    memory_.remove(std::span(&final_key, 1));
    files().schedule({"processed-audio/a", direct_key.str()}, {final_key, direct_key});
    clock_.advance(minutes(60));
    const boost::json::object result = run_due(files());
    EXPECT_EQ(result.at("deleted"), 1);
    EXPECT_EQ(result.at("refused"), 1);
    EXPECT_TRUE(exists(direct_key.str()));
}

TEST_F(TemporaryFilesTest, WhatWasWrittenAnewUnderItsNameKeepsItsWholeDelay) {
    put("processed-audio/a");
    files().schedule({"processed-audio/a"}, {final_key});
    clock_.advance(minutes(59));
    put("processed-audio/a");  // the function was asked again
    clock_.advance(minutes(1));
    EXPECT_THROW(run_due(files({.delay = minutes(0)})), Error)
        << "as it was promised, whatever the settings say now";
    EXPECT_TRUE(exists("processed-audio/a"));
    clock_.advance(minutes(59));
    EXPECT_EQ(run_due(files()).at("deleted"), 1);
}

TEST_F(TemporaryFilesTest, WhatEarlierAttemptsDeletedIsCounted) {
    for (const char* key : {"processed-audio/a", "processed-audio/b", "processed-audio/c"}) put(key);
    files().schedule({"processed-audio/a", "processed-audio/b", "processed-audio/c"}, {final_key});
    clock_.advance(minutes(59));
    put("processed-audio/c");
    clock_.advance(minutes(1));
    EXPECT_THROW(run_due(files()), Error);
    EXPECT_FALSE(exists("processed-audio/a"));
    clock_.advance(minutes(59));
    EXPECT_EQ(run_due(files()).at("deleted"), 3);

    files().schedule({"processed-audio/never-there"}, {final_key});
    clock_.advance(minutes(60));
    EXPECT_EQ(run_due(files()).at("deleted"), 0) << "nobody deleted it";
}

TEST_F(TemporaryFilesTest, TheOriginalIsRefusedWhereverItLies) {
    const Key original = Key::parse("processed-audio/song.wav");
    put(original.str());
    const std::string link = "http://localhost/objects/memory/" + original.str() + "?X-Amz-Signature=1";
    files().schedule({original.str(), link}, {.final_key = final_key, .original = original});
    clock_.advance(minutes(60));
    EXPECT_EQ(run_due(files()).at("refused"), 1) << "counted";
    EXPECT_TRUE(exists(original.str()));
    EXPECT_THAT(lines_, ::testing::HasSubstr("refused processed-audio/song.wav: it is the original"));
}

TEST_F(TemporaryFilesTest, WhatAFunctionNamesMakesNoLinesAndNoLinks) {
    clean({"x\nerror: all is lost", "https://h/l/c2VjcmV0"});
    EXPECT_THAT(lines_, ::testing::HasSubstr("refused x error: all is lost: it"));
    EXPECT_THAT(lines_, ::testing::Not(::testing::HasSubstr("c2VjcmV0")));
}

TEST_F(TemporaryFilesTest, ManyAreRemovedInBatches) {
    std::vector<std::string> keys;
    for (int i = 0; i < 1005; ++i) put(keys.emplace_back("processed-audio/" + std::to_string(i)));
    const boost::json::object result = clean(keys);
    EXPECT_EQ(result.at("deleted"), 1005);
    EXPECT_EQ(result.at("bytes"), 10050);
    EXPECT_THAT(objects_.batches, ::testing::ElementsAre(1000, 5));
}

TEST_F(TemporaryFilesTest, F3_ResultsAndOriginalsAreNeverDeleted) {
    const std::vector<std::string> kept{final_key.str(),
                                        "pitches/7/song.wav",
                                        "pitches/8/processed/y.mp3",
                                        "uploads/u/x.wav",
                                        "temp-audio/2026-11-20/5d1b7c9a-8a34-4c57-b9b1-2f6f0c7e9a42.wav",
                                        "processed-audiox/a",
                                        "elsewhere/a"};
    for (const std::string& key : kept) put(key);
    std::vector<std::string> named = kept;
    named.insert(named.end(), {"", "pitches", "processed-audio/../pitches/7/song.wav", "/processed-audio/a"});
    const boost::json::object result = clean(named);
    EXPECT_EQ(result.at("refused"), named.size());
    EXPECT_EQ(result.at("deleted"), 0);
    for (const std::string& key : kept) EXPECT_TRUE(exists(key)) << key;
    EXPECT_THROW(files({.prefixes = {"temp-audio/", "pitches/"}}), Error);
}

}  // namespace
}  // namespace fadeout::service
