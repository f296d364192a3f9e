#include "service/speech.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "records/memory/memory_record_store.h"
#include "service/test_doubles.h"
#include "storage/memory/memory_store.h"

namespace fadeout::service {
namespace {

using ::testing::HasSubstr;

class SpeechTest : public ::testing::Test {
  protected:
    Speech make(SpeechOptions options = {}) { return {synthesizer_, objects_, records_, clock_, options}; }

    ErrorKind refusal(const boost::json::object& body, std::size_t max_characters = 10'000) {
        try {
            make().parse(body, max_characters);
        } catch (const Error& error) {
            return error.kind();
        }
        return ErrorKind::internal;
    }

    ManualClock clock_{from_unix_seconds(1'795'219'199)};  // 2026-11-20T23:59:59Z
    CountingSynthesizer synthesizer_;
    storage::MemoryStore objects_{clock_};
    records::MemoryRecordStore records_{clock_};
};

TEST_F(SpeechTest, StoresOneObjectAndOneRecordAndSignsALink) {
    Speech speech = make();
    const SpeechResult result = speech.speak({"hello", "en-us"}, {});
    EXPECT_EQ(result.date, utc_date(clock_.now()));
    EXPECT_DOUBLE_EQ(result.duration_s, 500.0 / 16'000);
    EXPECT_THAT(result.s3_url, HasSubstr("X-Amz-Expires=86400"));
    const auto page = objects_.list("", "", 10);
    ASSERT_EQ(page.objects.size(), 1u);
    EXPECT_EQ(page.objects[0].key.str(), "temp-audio/" + result.date + "/" + result.audio_id + ".wav");
    EXPECT_EQ(page.objects[0].size_bytes, 44u + 2 * 500);
    const auto record = speech.find(result.date, result.audio_id);
    ASSERT_TRUE(record);
    EXPECT_EQ(record->ttl, unix_seconds(clock_.now()) + 86'400);
    EXPECT_EQ(record->s3_url, result.s3_url);
}

TEST_F(SpeechTest, RecordsNameTheObjectWhereLinksAreNotStored) {
    Speech speech = make({.store_links = false});
    const SpeechResult result = speech.speak({"hello", "en-us"}, {});
    EXPECT_EQ(speech.find(result.date, result.audio_id)->s3_url,
              "s3://memory/temp-audio/" + result.date + "/" + result.audio_id + ".wav");
}

TEST_F(SpeechTest, F08_AFailedRecordLeavesNoObject) {
    FailingRecords failing;
    Speech speech(synthesizer_, objects_, failing, clock_, {});
    EXPECT_THROW(speech.speak({"hello", "en-us"}, {}), Error);
    EXPECT_TRUE(objects_.list("", "", 10).objects.empty());
}

TEST_F(SpeechTest, AJobWhoseRecordFailsLeavesTheObjectThatAnotherRunMayHaveStored) {
    const SpeechId id{"0b9df5b2-6c55-4f4e-9c4e-0f3f6a3f1c11", "2026-11-20"};
    const SpeechResult handed_out = make().speak({"hello", "en-us"}, id, {});
    FailingRecords failing;
    Speech superseded(synthesizer_, objects_, failing, clock_, {});
    EXPECT_THROW(superseded.speak({"hello", "en-us"}, id, {}), Error);
    EXPECT_EQ(objects_.list("", "", 10).objects.size(), 1u) << "the link of the other run leads to it";
}

TEST_F(SpeechTest, ACancelledRequestLeavesNothing) {
    std::stop_source stop;
    stop.request_stop();
    EXPECT_THROW(make().speak({"hello", "en-us"}, stop.get_token()), Error);
    EXPECT_TRUE(objects_.list("", "", 10).objects.empty());
    EXPECT_TRUE(records_.dates().empty());
}

TEST_F(SpeechTest, AJobThatRunsTwiceHasOneEffect) {
    Speech speech = make();
    const SpeechId id{"0b9df5b2-6c55-4f4e-9c4e-0f3f6a3f1c11", "2026-11-20"};
    speech.speak({"hello", "en-us"}, id, {});
    clock_.advance(std::chrono::hours(1));
    speech.speak({"hello", "en-us"}, id, {});
    EXPECT_EQ(objects_.list("", "", 10).objects.size(), 1u);
    EXPECT_EQ(records_.list("2026-11-20", "", 10, records::Visibility::all).records.size(), 1u);
}

TEST_F(SpeechTest, TheRecordNeverEndsBeforeItsLink) {
    for (int ms = 0; ms < 1000; ms += 99) {
        clock_.set(from_unix_seconds(1'795'219'199) + Duration(ms));
        const SpeechResult result = make().speak({"x", "de"}, {});
        const auto record = records_.get(result.date, result.audio_id);
        EXPECT_GE(record->ttl, unix_seconds(clock_.now()) + 86'400);
    }
}

TEST_F(SpeechTest, F09_WrongBodiesAreToldApart) {
    EXPECT_EQ(refusal({}), ErrorKind::invalid);
    EXPECT_EQ(refusal({{"text", ""}}), ErrorKind::invalid);
    EXPECT_EQ(refusal({{"text", " \n"}}), ErrorKind::invalid);
    EXPECT_EQ(refusal({{"text", 5}}), ErrorKind::invalid);
    EXPECT_EQ(refusal({{"text", "\xff\xfe"}}), ErrorKind::invalid);
    EXPECT_EQ(refusal({{"text", "x"}, {"voice", 3}}), ErrorKind::invalid);
    EXPECT_EQ(refusal({{"text", "x"}, {"voice", "zz"}}), ErrorKind::not_found);
    EXPECT_EQ(refusal({{"text", "x"}, {"language", "zz"}}), ErrorKind::not_found);
    EXPECT_EQ(refusal({{"text", "aaaaa"}}, 4), ErrorKind::too_large);
}

TEST_F(SpeechTest, TheLimitCountsCharactersNotBytes) {
    EXPECT_EQ(make().parse({{"text", "ééé"}}, 3).text, "ééé");
    EXPECT_EQ(refusal({{"text", "éééé"}}, 3), ErrorKind::too_large);
}

TEST_F(SpeechTest, TheVoiceIsNamedByIdOrByLanguageOrIsTheDefault) {
    EXPECT_EQ(make().parse({{"text", "x"}}, 10).voice_id, "en-us");
    EXPECT_EQ(make().parse({{"text", "x"}, {"voice", "de"}}, 10).voice_id, "de");
    EXPECT_EQ(make().parse({{"text", "x"}, {"voice_id", "de"}}, 10).voice_id, "de");
    EXPECT_EQ(make().parse({{"text", "x"}, {"language", "EN-US"}}, 10).voice_id, "en-us");
    EXPECT_EQ(make({.default_voice = "de"}).parse({{"text", "x"}, {"voice", nullptr}}, 10).voice_id, "de");
}

TEST_F(SpeechTest, RemovingTakesObjectAndRecord) {
    Speech speech = make();
    const SpeechResult result = speech.speak({"hello", "en-us"}, {});
    EXPECT_TRUE(speech.remove(result.date, result.audio_id));
    EXPECT_FALSE(speech.remove(result.date, result.audio_id));
    EXPECT_TRUE(objects_.list("", "", 10).objects.empty());
}

}  // namespace
}  // namespace fadeout::service
