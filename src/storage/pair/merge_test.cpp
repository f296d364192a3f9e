#include "storage/pair/merge.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace fadeout::storage {
namespace {

ObjectPage page_of(const std::set<std::string>& keys, const std::string& cursor, std::size_t limit,
                   const std::string& etag) {
    ObjectPage page;
    for (auto at = keys.upper_bound(cursor); at != keys.end(); ++at) {
        if (page.objects.size() == limit) {
            page.next = page.objects.back().key.str();
            break;
        }
        page.objects.push_back({Key::parse(*at), 1, {}, etag});
    }
    return page;
}

TEST(MergePages, AKeyOfBothIsTheFirstOnes) {
    const ObjectPage page = merge_pages(page_of({"a", "b"}, "", 9, "1"), page_of({"b", "c"}, "", 9, "2"), 9);
    ASSERT_EQ(page.objects.size(), 3u);
    EXPECT_EQ(page.objects[1].etag, "1");
    EXPECT_EQ(page.objects[2].etag, "2");
    EXPECT_FALSE(page.next);
}

TEST(MergePages, APageOfForeignNamesOnlyStillLeadsOn) {
    ObjectPage foreign;
    foreign.next = "m";
    const ObjectPage page = merge_pages(foreign, page_of({"a", "z"}, "", 9, "2"), 9);
    ASSERT_EQ(page.objects.size(), 1u);
    EXPECT_EQ(page.objects[0].key.str(), "a");
    EXPECT_EQ(page.next, "m");
}

TEST(MergePages, WalksTheUnionOfTwoStores) {
    std::mt19937 random(7);
    for (int round = 0; round < 200; ++round) {
        std::set<std::string> first, second, both;
        for (int i = 0; i < 40; ++i) {
            const std::string key = std::to_string(random() % 60);
            if (random() % 2 == 0) first.insert(key);
            if (random() % 2 == 0) second.insert(key);
        }
        both.insert(first.begin(), first.end());
        both.insert(second.begin(), second.end());
        const std::size_t limit = 1 + random() % 9;
        std::vector<std::string> seen;
        std::string cursor;
        while (true) {
            const ObjectPage page =
                merge_pages(page_of(first, cursor, limit, "1"), page_of(second, cursor, limit, "2"), limit);
            EXPECT_LE(page.objects.size(), limit);
            for (const ObjectInfo& object : page.objects) seen.push_back(object.key.str());
            if (!page.next) break;
            ASSERT_GT(*page.next, cursor);
            cursor = *page.next;
        }
        EXPECT_EQ(seen, std::vector<std::string>(both.begin(), both.end()));
    }
}

}  // namespace
}  // namespace fadeout::storage
