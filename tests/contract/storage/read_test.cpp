#include <algorithm>
#include <array>
#include <random>
#include <set>

#include "object_store_suite.h"

namespace fadeout::storage {

TEST_P(ObjectStoreSuite, AbsenceIsNoError) {
    EXPECT_FALSE(store_.head(Key::parse("no/such/object")));
    EXPECT_EQ(store_.open(Key::parse("no/such/object")), nullptr);
    EXPECT_FALSE(store_.remove(std::vector{Key::parse("no/such/object")}).at(0).error);
    EXPECT_TRUE(store_.list("no/", {}, 10).objects.empty());
}

TEST_P(ObjectStoreSuite, ReadsRanges) {
    put("k", "0123456789");
    const auto reader = store_.open(Key::parse("k"));
    EXPECT_EQ(reader->size(), 10u);
    EXPECT_EQ(reader->head().info.size_bytes, 10u);
    EXPECT_TRUE(reader->seekable());
    std::array<char, 4> buffer{};
    const auto out = std::as_writable_bytes(std::span(buffer));
    ASSERT_EQ(reader->read_at(3, out), 4u);
    EXPECT_EQ(std::string_view(buffer.data(), 4), "3456");
    ASSERT_EQ(reader->read_at(8, out), 2u);
    EXPECT_EQ(std::string_view(buffer.data(), 2), "89");
    EXPECT_EQ(reader->read_at(10, out), 0u);
    EXPECT_EQ(reader->read_at(UINT64_MAX, out), 0u);
}

TEST_P(ObjectStoreSuite, ListsInOrderOfTheBytesOfKeys) {
    for (const char* key : {"a/b", "a-b", "a.b", "a0", "a/b/c/x", "a/b-", "b", "A", "a/ü", "a/z"}) {
        if (std::string_view(key) == "a/b") continue;  // a store of files cannot have "a/b" and "a/b/c"
        put(key, key);
    }
    const std::vector<std::string> expected{"A", "a-b", "a.b", "a/b-", "a/b/c/x", "a/z", "a/ü", "a0", "b"};
    EXPECT_EQ(keys(""), expected);
    EXPECT_EQ(keys("", 1), expected);
    EXPECT_EQ(keys("", 4), expected);
    EXPECT_EQ(keys("a/"), (std::vector<std::string>{"a/b-", "a/b/c/x", "a/z", "a/ü"}));
    EXPECT_EQ(keys("a/b"), (std::vector<std::string>{"a/b-", "a/b/c/x"}));
    EXPECT_EQ(keys("a"), (std::vector<std::string>{"a-b", "a.b", "a/b-", "a/b/c/x", "a/z", "a/ü", "a0"}));
    EXPECT_TRUE(keys("../").empty());
    EXPECT_TRUE(keys("/a").empty());
    EXPECT_TRUE(keys("a//").empty());
}

TEST_P(ObjectStoreSuite, ListsWhatEachObjectIs) {
    const ObjectInfo written = put("a/b.wav", "12345");
    const ObjectInfo listed = store_.list("a/", {}, 1).objects.at(0);
    EXPECT_EQ(listed.key, written.key);
    EXPECT_EQ(listed.size_bytes, 5u);
    EXPECT_EQ(listed.etag, written.etag);
    expect_time(listed.modified, written.modified);
}

TEST_P(ObjectStoreSuite, TheLastPageSaysSo) {
    for (int i = 0; i < 6; ++i) put("k" + std::to_string(i), "x");
    const ObjectPage first = store_.list("", {}, 3);
    ASSERT_TRUE(first.next);
    EXPECT_FALSE(store_.list("", *first.next, 3).next) << "an exactly full last page";
    EXPECT_FALSE(store_.list("", {}, 6).next);
    expect_error(ErrorKind::invalid, [&] { store_.list("", {}, 0); });
    expect_error(ErrorKind::invalid, [&] { store_.list("", {}, 1001); });
}

/// Random trees of short names around '/', against a sorted set.
TEST_P(ObjectStoreSuite, ListsRandomTreesAsAnOracleWould) {
    std::mt19937 random(42);
    const auto pick = [&](std::size_t below) { return random() % below; };
    static constexpr std::array<std::string_view, 6> names{"a", "b", "a-", "a0", "ab", "~"};
    std::set<std::string> expected;
    const auto collides = [&](const std::string& key) {
        return std::any_of(expected.begin(), expected.end(), [&](const std::string& other) {
            return other.starts_with(key + "/") || key.starts_with(other + "/");
        });
    };
    for (int i = 0; i < 150; ++i) {
        std::string key(names[pick(names.size())]);
        for (std::size_t depth = pick(4); depth > 0; --depth)
            key += "/" + std::string(names[pick(names.size())]);
        if (collides(key)) continue;
        if (expected.insert(key).second) put(key, "x");
        if (pick(4) == 0) {
            const auto victim =
                std::next(expected.begin(), static_cast<std::ptrdiff_t>(pick(expected.size())));
            store_.remove(std::vector{Key::parse(*victim)});
            expected.erase(victim);
        }
    }
    for (const std::string prefix : {"", "a", "a/", "a/a", "a-", "a-/b/", "ab/a0", "~/", "a/b/a/"}) {
        std::vector<std::string> wanted;
        for (const std::string& key : expected)
            if (key.starts_with(prefix)) wanted.push_back(key);
        for (const std::size_t limit : {1u, 2u, 7u, 1000u})
            EXPECT_EQ(keys(prefix, limit), wanted) << prefix << limit;
    }
}

TEST_P(ObjectStoreSuite, AListingThatStartsSeesWhatIsThere) {
    for (const char* key : {"a", "b", "c", "d"}) put(key, "x");
    EXPECT_EQ(store_.list("", {}, 2).objects.size(), 2u);
    put("aa", "x");
    store_.remove(std::vector{Key::parse("c")});
    EXPECT_EQ(keys("", 2), (std::vector<std::string>{"a", "aa", "b", "d"}));
}

TEST_P(ObjectStoreSuite, RemovingWhileListingMissesNothing) {
    for (int i = 0; i < 50; ++i) put("d/" + std::to_string(i), "x");
    std::size_t removed = 0;
    std::string cursor;
    while (true) {
        const ObjectPage page = store_.list("d/", cursor, 7);
        std::vector<Key> victims;
        for (const ObjectInfo& object : page.objects) victims.push_back(object.key);
        for (const RemoveResult& result : store_.remove(victims)) EXPECT_FALSE(result.error);
        removed += victims.size();
        if (!page.next) break;
        cursor = *page.next;
    }
    EXPECT_EQ(removed, 50u);
    EXPECT_TRUE(keys("").empty());
}

TEST_P(ObjectStoreSuite, RemovesWithAResultPerKey) {
    put("a/1", "x");
    put("b/2", "x");
    put("a/3", "x");
    const std::vector<Key> victims{Key::parse("a/1"), Key::parse("none"), Key::parse("b/2")};
    const auto results = store_.remove(victims);
    ASSERT_EQ(results.size(), 3u);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(results[i].key, victims[i]);
        EXPECT_FALSE(results[i].error);
    }
    EXPECT_EQ(keys(""), std::vector<std::string>{"a/3"});
    EXPECT_TRUE(store_.remove({}).empty());
    expect_error(ErrorKind::invalid, [&] { store_.remove(std::vector(1001, Key::parse("k"))); });
}

TEST_P(ObjectStoreSuite, SignsLinks) {
    const Key key = Key::parse("a/söng 1.mp3");
    const std::string url = store_.presign(LinkMethod::get, key, std::chrono::hours(1), {});
    EXPECT_NE(url.find("/a/s%C3%B6ng%201.mp3?"), std::string::npos) << url;
    EXPECT_NE(url.find("X-Amz-Expires=3600"), std::string::npos) << url;
    EXPECT_NE(url.find("X-Amz-Signature="), std::string::npos) << url;
    EXPECT_NE(url, store_.presign(LinkMethod::put, key, std::chrono::hours(1), {}));
    const std::string named = store_.presign(LinkMethod::get, key, std::chrono::hours(1),
                                             {.content_type = "", .download_filename = "x.mp3"});
    EXPECT_NE(named.find("response-content-disposition=attachment"), std::string::npos) << named;
    const std::string typed = store_.presign(LinkMethod::put, key, std::chrono::hours(1),
                                             {.content_type = "audio/mpeg", .download_filename = ""});
    EXPECT_NE(typed.find("X-Amz-SignedHeaders=content-type%3Bhost"), std::string::npos) << typed;
}

TEST_P(ObjectStoreSuite, KnowsItsOwnLinks) {
    const Key key = Key::parse("temp-audio/a/söng 1+2@3.mp3");
    for (const LinkMethod method : {LinkMethod::get, LinkMethod::put}) {
        const std::string url = store_.presign(method, key, std::chrono::hours(1), {});
        EXPECT_EQ(store_.key_in(url), key) << url;
        EXPECT_EQ(store_.key_in(url.substr(0, url.find('?')) + "#t=1"), key) << "whatever the signature";
        const std::size_t path = url.find('/', url.find("://") + 3);
        EXPECT_EQ(store_.key_in("http://other.example" + url.substr(path)), std::nullopt);
    }
    for (const char* text : {"", "temp-audio/a", "http://", "https://example.com/a", "file:///a"})
        EXPECT_EQ(store_.key_in(text), std::nullopt) << text;
}

TEST_P(ObjectStoreSuite, SignsLinksForOneSecondToSevenDays) {
    const Key key = Key::parse("k");
    const auto sign = [&](Duration expires) { return store_.presign(LinkMethod::get, key, expires, {}); };
    EXPECT_NO_THROW(sign(std::chrono::seconds(1)));
    EXPECT_NO_THROW(sign(std::chrono::days(7)));
    for (const Duration refused : {Duration(0), Duration(-1000), Duration(999), Duration(1500),
                                   Duration(std::chrono::days(7)) + Duration(1000)})
        expect_error(ErrorKind::invalid, [&] { sign(refused); });
}

TEST_P(ObjectStoreSuite, NamesItself) {
    const std::string_view provider = store_.provider();
    EXPECT_TRUE(provider == "local" || provider == "s3" || provider == "r2") << provider;
    EXPECT_FALSE(store_.bucket().empty());
}

}  // namespace fadeout::storage
