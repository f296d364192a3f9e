#include "speech/espeak/voice_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fadeout::speech {
namespace {

using testing::Contains;
using testing::ElementsAre;

const std::vector<Library::VoiceFile> kFiles = {
    {"roa/fr", "French (France)", "male", {{"fr-fr", 5}, {"fr", 5}}},
    {"gmw/en", "English (Great Britain)", "male", {{"en-gb", 2}, {"en", 2}}},
    {"gmw/en-US", "English (America)", "", {{"en-us", 2}, {"en", 3}}},
    {"sit/yue", "Chinese (Cantonese)", "female", {{"yue", 5}, {"zh", 8}}},
    {"sit/yue-Latn-jyutping", "Chinese (Cantonese, Jyutping) ", "male", {{"yue", 5}, {"zh", 8}}},
};

TEST(VoiceList, TagsAreBcp47) {
    EXPECT_EQ(bcp47("de"), "de");
    EXPECT_EQ(bcp47("en-us"), "en-US");
    EXPECT_EQ(bcp47("es-419"), "es-419");
    EXPECT_EQ(bcp47("cmn-latn-pinyin"), "cmn-Latn-pinyin");
    EXPECT_EQ(bcp47("en-gb-scotland"), "en-GB-scotland");
    EXPECT_EQ(bcp47("en-gb-x-rp"), "en-GB-x-rp");
    EXPECT_EQ(bcp47("en-us-nyc"), "en-US-x-nyc");
    EXPECT_EQ(bcp47("chr-US-Qaaa-x-west"), "chr-US-Qaaa-x-west");
}

TEST(VoiceList, IsSortedAndItsIdsAreUnique) {
    const VoiceList list = make_voice_list(kFiles);
    std::vector<std::string> ids, languages;
    for (const Voice& voice : list.voices) {
        ids.push_back(voice.id);
        languages.push_back(voice.language);
    }
    EXPECT_THAT(ids, ElementsAre("en-gb", "en-us", "fr-fr", "yue", "yue-latn-jyutping"));
    EXPECT_THAT(languages, ElementsAre("en-GB", "en-US", "fr-FR", "yue", "yue"));
    EXPECT_EQ(list.voices[4].display_name, "Chinese (Cantonese, Jyutping)");
    EXPECT_EQ(list.voices[3].gender, "female");
    EXPECT_EQ(list.voices[0].engine, "espeak");
    EXPECT_TRUE(list.voices[0].available);
}

TEST(VoiceList, OtherCodesLeadToTheVoiceThatPrefersThem) {
    const VoiceList list = make_voice_list(kFiles);
    EXPECT_EQ(list.paths.at("en"), "gmw/en");
    EXPECT_EQ(list.paths.at("en-us"), "gmw/en-US");
    EXPECT_EQ(list.paths.at("fr"), "roa/fr");
    EXPECT_EQ(list.paths.at("zh"), "sit/yue");
    EXPECT_EQ(list.paths.at("yue-latn-jyutping"), "sit/yue-Latn-jyutping");
}

TEST(VoiceList, SimilarVoicesComeNearestFirst) {
    const auto voices = make_voice_list(kFiles).voices;
    EXPECT_EQ(similar_voices("en-uss", voices).front(), "en-us");
    EXPECT_EQ(similar_voices("EN_US", voices).front(), "en-us");
    EXPECT_THAT(similar_voices("en_US-lessac-medium", voices), Contains("en-us"));
    EXPECT_EQ(similar_voices("", voices).size(), 5U);
    EXPECT_TRUE(similar_voices("x", {}).empty());
}

}  // namespace
}  // namespace fadeout::speech
