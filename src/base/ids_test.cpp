#include "base/ids.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace fadeout {
namespace {

TEST(Ids, UuidsAreVersion4AndDiffer) {
    std::set<std::string> seen;
    for (int i = 0; i < 2000; ++i) {
        const std::string id = make_uuid();
        ASSERT_TRUE(is_uuid(id)) << id;
        ASSERT_EQ(id[14], '4') << id;
        ASSERT_NE(std::string("89ab").find(id[19]), std::string::npos) << id;
        ASSERT_TRUE(seen.insert(id).second) << id;
    }
}

TEST(Ids, OnlyTheCanonicalSpellingIsAUuid) {
    EXPECT_TRUE(is_uuid("00000000-0000-0000-0000-000000000000"));
    for (const char* bad :
         {"", "0", "00000000000000000000000000000000", "00000000-0000-0000-0000-00000000000",
          "00000000-0000-0000-0000-0000000000000", "0000000g-0000-0000-0000-000000000000",
          "00000000-0000-0000-0000-00000000000A", "000000000-000-0000-0000-000000000000",
          "{0000000-0000-0000-0000-00000000000}", "../../../../../../../../../../etc/pa"})
        EXPECT_FALSE(is_uuid(bad)) << bad;
}

TEST(Ids, RandomBytesFillEverything) {
    std::array<unsigned char, 4096> a{}, b{};
    random_bytes(a);
    random_bytes(b);
    EXPECT_NE(a, b);
    EXPECT_GT(std::set<unsigned char>(a.begin() + 2048, a.end()).size(), 200u) << "the end is filled too";
    random_bytes({});
}

}  // namespace
}  // namespace fadeout
