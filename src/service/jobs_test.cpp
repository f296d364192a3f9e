#include "service/jobs.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "jobs/memory/memory_job_queue.h"
#include "records/memory/memory_record_store.h"
#include "service/speech.h"
#include "service/test_doubles.h"
#include "service/transcode.h"
#include "storage/memory/memory_store.h"

namespace fadeout::service {
namespace {

class JobsTest : public ::testing::Test {
  protected:
    ErrorKind refusal(const boost::json::object& body, const std::string& key = "") {
        try {
            jobs_.submit(body, key);
        } catch (const Error& error) {
            return error.kind();
        }
        return ErrorKind::internal;
    }

    jobs::Job finish(const jobs::Job& job) {
        const auto lease = queue_.lease({});
        EXPECT_EQ(lease->job.id, job.id);
        queue_.done(job.id, lease->token, jobs_.run(lease->job, [](double) {}, {}));
        return *queue_.get(job.id);
    }

    ManualClock clock_{from_unix_seconds(1'795'187'411)};
    CountingSynthesizer synthesizer_;
    storage::MemoryStore objects_{clock_};
    records::MemoryRecordStore records_{clock_};
    Speech speech_{
        synthesizer_, objects_, records_, clock_, {.max_characters = 5, .max_job_characters = 300}};
    Sources sources_{objects_, clock_, {"memory", "memory", {}}, "http://localhost", net::AddressPolicy{},
                     {}};
    Transcode transcode_{objects_, sources_, clock_, {}};
    jobs::MemoryJobQueue queue_{clock_, {}};
    Jobs jobs_{queue_, {transcode_job(transcode_), speak_job(speech_)}};
};

TEST_F(JobsTest, WhatCannotSucceedIsRefusedBeforeItIsQueued) {
    EXPECT_EQ(refusal({}), ErrorKind::invalid);
    EXPECT_EQ(refusal({{"type", "bake"}}), ErrorKind::invalid);
    EXPECT_EQ(refusal({{"type", "speak"}}), ErrorKind::invalid);
    EXPECT_EQ(refusal({{"type", "speak"}, {"text", "x"}, {"voice", "zz"}}), ErrorKind::not_found);
    EXPECT_EQ(refusal({{"type", "speak"}, {"text", std::string(301, 'a')}}), ErrorKind::too_large);
    EXPECT_EQ(refusal({{"type", "transcode"}}), ErrorKind::invalid);
    EXPECT_EQ(refusal({{"type", "speak"}, {"text", "x"}}, std::string(256, 'k')), ErrorKind::invalid);
    EXPECT_TRUE(queue_.list({}, "", 10).jobs.empty());
}

TEST_F(JobsTest, ASpeechJobMayBeLongerThanASpeechRequest) {
    const jobs::Job job = jobs_.submit({{"type", "speak"}, {"text", std::string(300, 'a')}}, "");
    const boost::json::object queued = to_speech_job_json(job, 100);
    EXPECT_EQ(queued.at("status"), "queued");
    EXPECT_TRUE(queued.at("audio_url").is_null());
    EXPECT_EQ(queued.at("text").as_string().size(), 100u);
    const boost::json::object done = to_speech_job_json(finish(job));
    EXPECT_EQ(done.at("status"), "completed");
    EXPECT_TRUE(done.at("audio_url").is_string());
    EXPECT_EQ(done.at("voice_id"), "en-us");
    EXPECT_EQ(done.at("text").as_string().size(), 300u);
}

TEST_F(JobsTest, AJobOutlivesAnOutageOfADay) {
    const jobs::Job job = jobs_.submit({{"type", "speak"}, {"text", "hello"}}, "");
    for (const ErrorKind kind : {ErrorKind::unavailable, ErrorKind::misconfigured, ErrorKind::storage_full}) {
        const jobs::Retry retry = jobs_.retry_after(job, kind);
        EXPECT_TRUE(retry.wanted);
        EXPECT_LE(retry.delays.front(), std::chrono::seconds(2));
        Duration all{};
        for (const Duration delay : retry.delays) all += delay;
        EXPECT_GT(all, std::chrono::hours(23));
    }
    EXPECT_TRUE(jobs_.retry_after(job, ErrorKind::internal).delays.empty())
        << "what kills itself is given up soon";
    EXPECT_FALSE(jobs_.retry_after(job, ErrorKind::invalid).wanted);
}

// What follows an outage is often a source or a store that is not quite back: it has its own five attempts.
TEST_F(JobsTest, AnOutageAndOtherFailuresDoNotShortenEachOther) {
    const std::string id = jobs_.submit({{"type", "speak"}, {"text", "hello"}}, "").id;
    const auto fail = [&](ErrorKind kind) {
        clock_.advance(std::chrono::hours(1));
        const jobs::Lease lease = queue_.lease({}).value();
        queue_.failed(id, lease.token, "no luck", jobs_.retry_after(lease.job, kind));
        return queue_.get(id)->state;
    };
    for (const ErrorKind kind :
         {ErrorKind::unavailable, ErrorKind::storage_full, ErrorKind::misconfigured, ErrorKind::unavailable,
          ErrorKind::unavailable, ErrorKind::unavailable, ErrorKind::bad_source, ErrorKind::timeout,
          ErrorKind::busy, ErrorKind::internal})
        ASSERT_EQ(fail(kind), jobs::State::queued) << name(kind);
    for (int i = 0; i < 50; ++i) ASSERT_EQ(fail(ErrorKind::unavailable), jobs::State::queued) << i;
    EXPECT_EQ(fail(ErrorKind::bad_source), jobs::State::dead) << "the fifth";
}

TEST_F(JobsTest, AJobRunTwiceLeavesOneObject) {
    const jobs::Job job = jobs_.submit({{"type", "speak"}, {"text", "hello"}}, "");
    jobs_.run(job, [](double) {}, {});
    jobs_.run(job, [](double) {}, {});
    EXPECT_EQ(objects_.list("", "", 10).objects.size(), 1u);
}

TEST_F(JobsTest, TheAnswerHasTheMembersOfTheWireFormat) {
    const jobs::Job job = jobs_.submit({{"type", "speak"}, {"text", "hello"}}, "");
    const boost::json::object answer = to_json(finish(job));
    for (const char* name : {"id", "type", "state", "progress", "attempts", "created_at", "updated_at",
                             "run_at", "result", "error"})
        EXPECT_TRUE(answer.contains(name)) << name;
    EXPECT_EQ(answer.at("state"), "done");
    EXPECT_TRUE(answer.at("error").is_null());
    EXPECT_EQ(answer.at("result").at("audio_id").as_string(), job.id);
}

TEST(Retryable, OnlyWhatAnotherAttemptMayMend) {
    for (const ErrorKind kind : {ErrorKind::unavailable, ErrorKind::timeout, ErrorKind::bad_source,
                                 ErrorKind::busy, ErrorKind::storage_full, ErrorKind::internal})
        EXPECT_TRUE(is_retryable(kind)) << name(kind);
    for (const ErrorKind kind :
         {ErrorKind::invalid, ErrorKind::denied, ErrorKind::not_found, ErrorKind::too_large,
          ErrorKind::unsupported, ErrorKind::unprocessable, ErrorKind::conflict})
        EXPECT_FALSE(is_retryable(kind)) << name(kind);
}

}  // namespace
}  // namespace fadeout::service
