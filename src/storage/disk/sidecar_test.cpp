#include "storage/disk/sidecar.h"

#include <gtest/gtest.h>

namespace fadeout::storage::disk {
namespace {

const Version old_version{10, 1'700'000'000'123'456'789};
const Version new_version{20, 1'700'000'001'987'654'321};

std::vector<SidecarEntry> entries() {
    return {
        {new_version, {.content_type = "audio/ogg; codecs=opus", .metadata = {{"a", "x  y = z"}, {"b", ""}}}},
        {old_version, {.content_type = "audio/mpeg", .metadata = {}}}};
}

TEST(Sidecar, ReadsBackWhatItWrote) {
    const auto read = decode_sidecar(encode_sidecar(entries()));
    ASSERT_EQ(read.size(), 2u);
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(read[i].version, entries()[i].version);
        EXPECT_EQ(read[i].attributes.content_type, entries()[i].attributes.content_type);
        EXPECT_EQ(read[i].attributes.metadata, entries()[i].attributes.metadata);
    }
}

/// What a crash between the two renames leaves: the new sidecar beside the old object.
TEST(Sidecar, TheVersionThatIsThereDecides) {
    EXPECT_EQ(find_version(entries(), old_version)->content_type, "audio/mpeg");
    EXPECT_EQ(find_version(entries(), new_version)->content_type, "audio/ogg; codecs=opus");
    EXPECT_FALSE(find_version(entries(), {10, old_version.modified_ns + 1}));
    EXPECT_FALSE(find_version(entries(), {11, old_version.modified_ns}));
}

TEST(Sidecar, KnowsATimeCutToSeconds) {
    EXPECT_EQ(find_version(entries(), {10, 1'700'000'000'000'000'000})->content_type, "audio/mpeg");
    EXPECT_FALSE(find_version(entries(), {10, 1'700'000'001'000'000'000}));
    EXPECT_FALSE(find_version(entries(), {10, 1'700'000'000'123'000'000}));
}

TEST(Sidecar, DamagedTextTellsNothing) {
    const std::string good = encode_sidecar(entries());
    for (const std::string& bad :
         {std::string(), std::string("\n"), std::string("fadeout-meta 2\n"), good.substr(1),
          good.substr(0, good.size() - 1), good + "metadata \n", good + "other x\n", good + "version x 1\n",
          good + "version 1\n", std::string("fadeout-meta 1\nmetadata a b\n")})
        EXPECT_TRUE(decode_sidecar(bad).empty()) << bad;
    for (std::size_t i = 0; i < good.size(); ++i) EXPECT_NO_THROW(decode_sidecar(good.substr(0, i)));
}

TEST(Version, TimesNeverRepeatWithinATick) {
    const Time now(Duration(1'000));
    std::int64_t previous = next_modification_time(now);
    for (int i = 0; i < 1000; ++i) {
        const std::int64_t next = next_modification_time(now);
        EXPECT_NE(next, previous);
        EXPECT_EQ((Version{0, next}.modified()), now);
        EXPECT_NE(next % 1'000'000, 0);
        previous = next;
    }
}

}  // namespace
}  // namespace fadeout::storage::disk
