#include "cleanup/temporary.h"

#include <gtest/gtest.h>

#include <type_traits>

#include "base/error.h"

namespace fadeout::cleanup {
namespace {

const TemporaryPrefixes usual({"temp-audio/", "processed-audio/"});

std::string refusal_of(std::string_view path) {
    try {
        usual.parse_path(path);
        return {};
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid);
        return error.what();
    }
}

TEST(TemporaryPrefixes, RefusesPathsThatAreNoTemporaryFolder) {
    for (const std::string_view path : {"",
                                        "/",
                                        ".",
                                        "..",
                                        "*",
                                        "./",
                                        "../",
                                        "*/",
                                        "//",
                                        "temp",
                                        "temp-audio",
                                        "processed-audio",
                                        "processed-au",
                                        "processed-audio-old/",
                                        "pitches/",
                                        "pitches",
                                        "uploads/",
                                        "pitches/7/processed/",
                                        "/temp-audio/",
                                        "temp-audio//",
                                        "temp-audio/../",
                                        "temp-audio/../pitches/",
                                        "temp-audio/./",
                                        "temp-audio/2026-11-19",
                                        "temp-audio/2026-11-19/x.wav",
                                        "temp-audio/*",
                                        "Temp-Audio/",
                                        " temp-audio/",
                                        "temp-audio/ \n/",
                                        "temp-audio\\",
                                        "temp-audio/%2e%2e/../"}) {
        const std::string message = refusal_of(path);
        EXPECT_NE(message.find("temp-audio/, processed-audio/"), std::string::npos)
            << path << ": " << message;
    }
}

TEST(TemporaryPrefixes, AcceptsAPrefixAndFoldersInsideIt) {
    for (const std::string_view path :
         {"temp-audio/", "processed-audio/", "temp-audio/2026-11-19/", "processed-audio/a/b/c/"}) {
        EXPECT_EQ(usual.parse_path(path).str(), path);
    }
}

TEST(TemporaryPrefixes, AdmitsOnlyKeysUnderAPrefix) {
    for (const char* key : {"temp-audio/2026-11-19/x.wav", "processed-audio/a/b.mp3", "temp-audio/x"}) {
        EXPECT_TRUE(usual.admit(storage::Key::parse(key))) << key;
    }
    for (const char* key : {"pitches/7/temp-audio/x.wav", "uploads/x/song.wav", "temp-audio",
                            "temp-audio2/x.wav", "temp/x", "processed-audio.mp3"}) {
        EXPECT_FALSE(usual.admit(storage::Key::parse(key))) << key;
    }
}

TEST(TemporaryPrefixes, CannotBeConfiguredToReachResultsOrOriginals) {
    for (const std::string prefix :
         {"pitches/", "uploads/", "pitches/7/", "pitches/7/processed/", "uploads/x/", "", "/", ".", "..",
          "./", "*", "p", "processed-audio", "/tmp/", "a//b/", "a/../b/"}) {
        EXPECT_THROW(TemporaryPrefixes({"temp-audio/", prefix}), Error) << prefix;
    }
    EXPECT_NO_THROW(TemporaryPrefixes({"temp-audio/", "pitches-preview/", "scratch/pitches/"}));
}

TEST(TemporaryPrefixes, MustCoverSpeech) {
    EXPECT_THROW(TemporaryPrefixes({"processed-audio/"}), Error);
    EXPECT_THROW(TemporaryPrefixes({"temp-audio/2026-11-19/"}), Error);
    EXPECT_THROW(TemporaryPrefixes({}), Error);
}

// What the planner deletes can only be made by TemporaryPrefixes.
static_assert(!std::is_constructible_v<TemporaryKey, storage::Key>);
static_assert(!std::is_constructible_v<TemporaryKey, std::string>);
static_assert(!std::is_default_constructible_v<TemporaryKey>);
static_assert(!std::is_constructible_v<TemporaryPath, std::string>);
static_assert(!std::is_default_constructible_v<TemporaryPath>);

TEST(SpeechKey, IsReadAndWrittenInOneShape) {
    const auto id = speech_id_of("temp-audio/2026-11-19/0b8c.wav");
    ASSERT_TRUE(id);
    EXPECT_EQ(id->date, "2026-11-19");
    EXPECT_EQ(id->audio_id, "0b8c");
    EXPECT_EQ(speech_key_of(*id), "temp-audio/2026-11-19/0b8c.wav");
    for (const char* key :
         {"temp-audio/2026-11-19/.wav", "temp-audio/2026-11-19/x.mp3", "temp-audio/2026-11-19/a/x.wav",
          "temp-audio/x.wav", "temp-audio/2026-13-19/x.wav", "other/2026-11-19/x.wav",
          "temp-audio/2026-11-19", "temp-audio/2026-11-19/"}) {
        EXPECT_FALSE(speech_id_of(key)) << key;
    }
}

TEST(SpeechKey, KnowsItsDay) {
    EXPECT_EQ(day_folder_of("temp-audio/2028-02-29/notes/x.txt"), "2028-02-29");
    for (const char* key :
         {"temp-audio/2026-02-29/x.wav", "temp-audio/2026-00-10/x.wav", "temp-audio/2026-1-010/x.wav",
          "temp-audio/+026-11-19/x.wav", "temp-audio/2026-11-19", "processed-audio/2026-11-19/x"}) {
        EXPECT_EQ(day_folder_of(key), "") << key;
    }
}

}  // namespace
}  // namespace fadeout::cleanup
