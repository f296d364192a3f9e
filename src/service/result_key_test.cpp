#include "service/result_key.h"

#include <gtest/gtest.h>

namespace fadeout::service {
namespace {

TEST(ResultKey, TellsResultsFromOriginals) {
    EXPECT_TRUE(is_result_key(results_folder("7") + "x.mp3"));
    for (const char* key : {"pitches/7/processed/x.mp3", "pitches/7/processed/a/b"})
        EXPECT_TRUE(is_result_key(key)) << key;
    for (const char* key : {"pitches/7/x.mp3", "pitches/7/processed", "pitches/processed/x.mp3", "pitches",
                            "pitches/7/a/processed/x", "uploads/7/processed/x.mp3", ""})
        EXPECT_FALSE(is_result_key(key)) << key;
}

}  // namespace
}  // namespace fadeout::service
