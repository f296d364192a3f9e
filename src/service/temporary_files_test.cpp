#include "service/temporary_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

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
    boost::json::object clean(const std::vector<std::string>& keys) {
        return files().clean(
            {{"keys", boost::json::array(keys.begin(), keys.end())}, {"final_key", final_key.str()}});
    }
    std::vector<jobs::Job> jobs() { return queue_.list({}, "", 100).jobs; }
    bool exists(const std::string& key) { return memory_.head(Key::parse(key)).has_value(); }

    ManualClock clock_{from_unix_seconds(1'795'187'411)};
    storage::MemoryStore memory_{clock_};
    cleanup::FaultyStore objects_{memory_};
    jobs::MemoryJobQueue queue_{clock_};
    std::string lines_;
};

TEST_F(TemporaryFilesTest, OneRunSchedulesOnceAndNotBeforeTheDelay) {
    TemporaryFiles temporary = files();
    const std::string url = "http://localhost/objects/memory/processed-audio/b.mp3?X-Amz-Signature=1";
    for (int run = 0; run < 2; ++run)
        temporary.schedule({"processed-audio/a.mp3", url, "https://elsewhere.example/c.mp3"}, final_key,
                           "aws_lambda", "run");
    ASSERT_EQ(jobs().size(), 1u);
    EXPECT_EQ(jobs()[0].run_at, clock_.now() + minutes(60));
    const auto payload = boost::json::parse(jobs()[0].payload).as_object();
    EXPECT_EQ(payload.at("keys"), (boost::json::array{"processed-audio/a.mp3", "processed-audio/b.mp3"}));
    EXPECT_EQ(payload.at("processing_method"), "aws_lambda");
    clock_.advance(minutes(59));
    EXPECT_FALSE(queue_.lease({}));
    clock_.advance(minutes(1));
    EXPECT_TRUE(queue_.lease({}));
    temporary.schedule({"processed-audio/a.mp3"}, final_key, "aws_lambda", "another run");
    EXPECT_EQ(jobs().size(), 2u);
}

TEST_F(TemporaryFilesTest, ProgressiveMeansAtOnceAndDisabledNever) {
    files({.progressive = true}).schedule({"processed-audio/a.mp3"}, final_key, "aws_lambda", "run");
    EXPECT_TRUE(queue_.lease({}));
    files({.enabled = false}).schedule({"processed-audio/b.mp3"}, final_key, "aws_lambda", "run");
    files().schedule({}, final_key, "aws_lambda", "run");
    EXPECT_EQ(jobs().size(), 1u);
}

TEST_F(TemporaryFilesTest, ALinkToTheResultIsNothingTemporary) {
    files().schedule({"http://localhost/objects/memory/" + final_key.str()}, final_key, "aws_lambda", "run");
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

TEST_F(TemporaryFilesTest, WithoutTheFinalObjectNothingIsDeleted) {
    put("processed-audio/a");
    memory_.remove(std::span(&final_key, 1));
    const boost::json::object result = clean({"processed-audio/a"});
    EXPECT_EQ(result.at("kept"), 1);
    EXPECT_EQ(result.at("deleted"), 0);
    EXPECT_TRUE(exists("processed-audio/a"));
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
