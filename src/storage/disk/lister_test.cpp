#include "storage/disk/lister.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>

#include "base/file.h"
#include "base/test_folder.h"

namespace fadeout::storage::disk {
namespace {

namespace fs = std::filesystem;

/// Windows of three names make small trees go through everything that large folders do.
class ListerTest : public testing::Test {
  protected:
    /// For the time of one of these no more than `more` files can be opened.
    class FewDescriptors {
      public:
        explicit FewDescriptors(rlim_t more) {
            const Descriptor next(::open("/dev/null", O_RDONLY | O_CLOEXEC));
            ::getrlimit(RLIMIT_NOFILE, &before_);
            const rlimit fewer{static_cast<rlim_t>(next.get()) + more, before_.rlim_max};
            ::setrlimit(RLIMIT_NOFILE, &fewer);
        }
        ~FewDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
        FewDescriptors(const FewDescriptors&) = delete;
        FewDescriptors& operator=(const FewDescriptors&) = delete;

      private:
        rlimit before_{};
    };
    void put(const std::string& key) {
        fs::create_directories((folder_.path() / key).parent_path());
        std::ofstream(folder_.path() / key) << key;
        expected_.insert(key);
    }
    std::vector<std::string> expected(std::string_view prefix) const {
        std::vector<std::string> out;
        std::copy_if(expected_.begin(), expected_.end(), std::back_inserter(out),
                     [&](const std::string& key) { return key.starts_with(prefix); });
        return out;
    }
    std::vector<std::string> listed(Lister& lister, std::string_view prefix, std::size_t limit) {
        std::vector<std::string> out;
        std::string cursor;
        while (true) {
            const ObjectPage page = lister.page(prefix, cursor, limit);
            for (const ObjectInfo& object : page.objects) out.push_back(object.key.str());
            if (!page.next) return out;
            cursor = *page.next;
        }
    }

    const TestFolder folder_;
    const Descriptor top_{::open(folder_.path().c_str(), O_RDONLY | O_DIRECTORY)};
    ManualClock clock_{Time(Duration(0))};
    std::set<std::string> expected_;
};

TEST_F(ListerTest, WhatCannotBeOpenedIsNotLeftOut) {
    put("a/b/c/d/e/f");
    Lister lister(top_.get(), clock_);
    for (rlim_t more = 0; more < 12; ++more) {
        const FewDescriptors few(more);
        for (const char* prefix : {"", "a/b/c/d/e/"}) {
            try {
                EXPECT_EQ(lister.page(prefix, "", 10).objects.size(), 1u) << more << prefix;
            } catch (const Error&) {  // then nobody takes what is there for absent
            }
        }
    }
}

TEST_F(ListerTest, SmallWindowsListLargeFoldersCompletely) {
    for (int i = 0; i < 40; ++i) put("flat/" + std::to_string(i * 7919 % 1000));
    for (int i = 0; i < 20; ++i) put("deep/" + std::to_string(i) + "/only");
    for (const std::size_t window : {1u, 3u, 16u}) {
        Lister lister(top_.get(), clock_, window);
        for (const std::size_t limit : {1u, 2u, 5u, 1000u})
            for (const char* prefix : {"", "flat/", "flat/1", "deep/", "deep/1"})
                EXPECT_EQ(listed(lister, prefix, limit), expected(prefix))
                    << window << " " << limit << " " << prefix;
    }
}

TEST_F(ListerTest, AgreesWithAnOracleOnRandomTrees) {
    std::mt19937 random(11);
    static constexpr std::string_view names[] = {"a", "a-", "a0", "b", "b.c", "zz", "ä"};
    for (int i = 0; i < 150; ++i) {
        std::string key;
        for (std::size_t depth = random() % 4; depth > 0; --depth)
            key += std::string(names[random() % std::size(names)]) + "/";
        put(key + "f" + std::to_string(random() % 10));
    }
    Lister lister(top_.get(), clock_, 3);
    for (const char* prefix : {"", "a", "a/", "a/a-/", "b", "b.c/z", "zz/ä/f1"})
        for (const std::size_t limit : {1u, 3u, 1000u})
            EXPECT_EQ(listed(lister, prefix, limit), expected(prefix)) << prefix << " " << limit;
}

TEST_F(ListerTest, EmptyFoldersAndForeignNamesDoNotEndAListing) {
    for (int i = 0; i < 30; ++i) fs::create_directories(folder_.path() / ("a" + std::to_string(i)));
    put("z/last");
    Lister lister(top_.get(), clock_, 3);
    EXPECT_EQ(listed(lister, "", 1), std::vector<std::string>{"z/last"});
}

TEST_F(ListerTest, InterleavedListingsDoNotDisturbEachOther) {
    for (int i = 0; i < 30; ++i) put("k" + std::to_string(i));
    Lister lister(top_.get(), clock_, 4);
    std::vector<std::string> first, second;
    std::optional<std::string> first_cursor(""), second_cursor("");
    while (first_cursor || second_cursor) {
        for (auto* turn : {&first, &second}) {
            auto& cursor = turn == &first ? first_cursor : second_cursor;
            if (!cursor) continue;
            const ObjectPage page = lister.page("", *cursor, turn == &first ? 3 : 2);
            for (const ObjectInfo& object : page.objects) turn->push_back(object.key.str());
            cursor = page.next;
        }
    }
    EXPECT_EQ(first, expected(""));
    EXPECT_EQ(second, expected(""));
}

TEST_F(ListerTest, AKeptWindowIsReadAnewAfterAWhile) {
    for (int i = 10; i < 30; ++i) put("k" + std::to_string(i));
    Lister lister(top_.get(), clock_, 8);
    const auto cursor = lister.page("", "", 2).next;
    put("k11a");
    clock_.advance(Lister::kept_for);
    EXPECT_EQ(lister.page("", *cursor, 1).objects.at(0).key.str(), "k11a");
}

}  // namespace
}  // namespace fadeout::storage::disk
