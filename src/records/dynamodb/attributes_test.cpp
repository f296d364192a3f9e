#include "records/dynamodb/attributes.h"

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <limits>
#include <random>

#include "base/error.h"
#include "base/text.h"

namespace fadeout::records::dynamodb {
namespace {

const SpeechRecord speech{.date = "2026-11-20",
                          .audio_id = "6f1c0f6e-0c3a-4b7e-9d55-7a3f3f0f6c11",
                          .s3_url = "https://bucket.example/temp-audio/2026-11-20/a.wav?X-Amz-Signature=1",
                          .text = "Good morning",
                          .voice_id = "en-us",
                          .duration_s = 1.25,
                          .ttl = 1'795'275'000};

SpeechRecord read(std::string_view json) {
    return record_of(boost::json::parse({json.data(), json.size()}).as_object());
}

std::size_t size_of_item(const boost::json::object& item) {
    std::size_t bytes = 0;
    for (const auto& [name, value] : item) {
        const boost::json::object& typed = value.as_object();
        bytes += name.size() + (typed.contains("N") ? 21 : typed.at("S").as_string().size());
    }
    return bytes;
}

TEST(DynamoDbItem, HasExactlyTheSevenAttributesWithTheirTypes) {
    EXPECT_EQ(boost::json::value(item_of(speech)), boost::json::parse(R"({
        "date": {"S": "2026-11-20"}, "audio_id": {"S": "6f1c0f6e-0c3a-4b7e-9d55-7a3f3f0f6c11"},
        "s3_url": {"S": "https://bucket.example/temp-audio/2026-11-20/a.wav?X-Amz-Signature=1"},
        "text": {"S": "Good morning"}, "voice_id": {"S": "en-us"},
        "duration": {"N": "1.25"}, "ttl": {"N": "1795275000"}})"));
}

TEST(DynamoDbItem, DurationsReadBackAsTheSameNumber) {
    std::mt19937 random(3);
    std::uniform_real_distribution<double> seconds(0, 100'000);
    for (int i = 0; i < 2'000; ++i) {
        SpeechRecord record = speech;
        record.duration_s = i == 0 ? 0 : i == 1 ? 0.1 + 0.2 : i == 2 ? 1e-7 : i == 3 ? 3e22 : seconds(random);
        EXPECT_EQ(record_of(item_of(record)), record) << record.duration_s;
    }
}

TEST(DynamoDbItem, ADurationThatIsNoNumberIsRefused) {
    SpeechRecord record = speech;
    record.duration_s = std::numeric_limits<double>::quiet_NaN();
    EXPECT_THROW(item_of(record), Error);
    record.duration_s = std::numeric_limits<double>::infinity();
    EXPECT_THROW(item_of(record), Error);
}

TEST(DynamoDbItem, ALongTextIsCutAfterACharacterSoThatTheItemFits) {
    for (const std::string& character :
         {std::string("x"), std::string("\xC3\xA9"), std::string("\xF0\x9F\x8E\xB5")}) {
        SpeechRecord record = speech;
        record.text.clear();
        while (record.text.size() < 2 * max_item_bytes) record.text += character;
        const boost::json::object item = item_of(record);
        EXPECT_LE(size_of_item(item), max_item_bytes);
        EXPECT_GT(size_of_item(item), max_item_bytes - character.size());
        const SpeechRecord kept = record_of(item);
        EXPECT_TRUE(is_utf8(kept.text));
        EXPECT_TRUE(record.text.starts_with(kept.text));
        EXPECT_EQ(kept.s3_url, record.s3_url);
    }
}

TEST(DynamoDbItem, ATextThatJustFitsIsWhole) {
    SpeechRecord record = speech;
    record.text.assign(max_item_bytes - size_of_item(item_of(speech)) + speech.text.size(), 'x');
    EXPECT_EQ(record_of(item_of(record)), record);
}

TEST(DynamoDbItem, ReadsWhatOthersWrote) {
    const SpeechRecord record = read(R"({
        "date": {"S": "2026-11-20"}, "audio_id": {"S": "a"}, "more": {"M": {}}, "voice_id": {"NULL": true},
        "duration": {"N": "12"}, "ttl": {"N": "1795275000.25"}})");
    EXPECT_EQ(record.duration_s, 12);
    EXPECT_EQ(record.ttl, 1'795'275'001) << "never earlier than it says";
    EXPECT_EQ(record.voice_id, "");
    EXPECT_EQ(record.s3_url, "");
}

TEST(DynamoDbItem, WithoutAUsableTtlARecordNeverExpires) {
    constexpr long long end_of_9999 = 253'402'300'799;
    for (const char* ttl :
         {R"({"S": "1795275000"})", R"({"NULL": true})", R"({"N": "1E+40"})", R"({"N": ""})", "7"})
        EXPECT_EQ(
            read(std::string(R"({"date": {"S": "d"}, "audio_id": {"S": "a"}, "ttl": )") + ttl + "}").ttl,
            end_of_9999)
            << ttl;
    EXPECT_EQ(read(R"({"date": {"S": "d"}, "audio_id": {"S": "a"}})").ttl, end_of_9999);
    EXPECT_EQ(read(R"({"ttl": {"N": "-5"}})").ttl, 0);
}

TEST(DynamoDbItem, KnowsWhichKeysATableCannotHold) {
    EXPECT_TRUE(is_possible({"2026-11-20", "a"}));
    EXPECT_FALSE(is_possible({"", "a"}));
    EXPECT_FALSE(is_possible({"2026-11-20", ""}));
    EXPECT_TRUE(is_possible({"2026-11-20", std::string(1'024, 'a')}));
    EXPECT_FALSE(is_possible({"2026-11-20", std::string(1'025, 'a')}));
    EXPECT_FALSE(is_possible({std::string(2'049, 'd'), "a"}));
}

}  // namespace
}  // namespace fadeout::records::dynamodb
