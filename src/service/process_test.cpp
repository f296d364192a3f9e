#include "service/process.h"

#include <gtest/gtest.h>

namespace fadeout::service {
namespace {

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
