#include "service/process.h"

#include <gtest/gtest.h>

namespace fadeout::service {
namespace {

TEST(ProcessNames, TellResultsFromOriginals) {
    for (const char* key : {"pitches/7/processed/x.mp3", "pitches/7/processed/a/b"})
        EXPECT_TRUE(is_result_key(key)) << key;
    for (const char* key : {"pitches/7/x.mp3", "pitches/7/processed", "pitches/processed/x.mp3",
                            "pitches/7/a/processed/x", "uploads/7/processed/x.mp3", ""})
        EXPECT_FALSE(is_result_key(key)) << key;
}

TEST(ProcessNames, TellWhatIsNeverAudio) {
    EXPECT_EQ(extension_of("Song.WAV"), "wav");
    EXPECT_EQ(extension_of("a.tar.gz"), "gz");
    for (const char* name : {"song", ".wav", "", "song."}) EXPECT_EQ(extension_of(name), "") << name;
    for (const char* word : {"png", "pdf", "zip", "m3u8"}) EXPECT_TRUE(is_never_audio(word)) << word;
    for (const char* word : {"wav", "mp3", "mp4", "bin", "php", "ac3", ""})
        EXPECT_FALSE(is_never_audio(word)) << word;
}

}  // namespace
}  // namespace fadeout::service
