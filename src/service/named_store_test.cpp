#include "service/named_store.h"

#include <gmock/gmock.h>

#include <functional>

#include "storage/test_faulty_store.h"

namespace fadeout::service {
namespace {

using storage::FaultyStore;
using storage::Key;

class Named : public testing::Test {
  protected:
    static std::string message(const std::function<void()>& action) {
        try {
            action();
        } catch (const Error& error) {
            return std::string(name(error.kind())) + ": " + error.what();
        }
        return "";
    }

    ManualClock clock_{Time(std::chrono::hours(500'000))};
    FaultyStore behind_{clock_, "behind"};
    NamedStore store_{behind_, "SRC"};
    const Key key_ = Key::parse("a/b");
};

TEST_F(Named, DoesWhatTheStoreBehindDoes) {
    put(store_, "a/b", "content", {.content_type = "audio/x-own", .metadata = {{"n", "1"}}});
    EXPECT_EQ(get(behind_, "a/b"), "content");
    EXPECT_EQ(get(store_, "a/b"), "content");
    EXPECT_EQ(store_.head(key_)->attributes.metadata.at("n"), "1");
    EXPECT_EQ(store_.list("", "", 10).objects.size(), 1u);
    EXPECT_EQ(store_.open(Key::parse("none")), nullptr);
    EXPECT_FALSE(store_.remove(std::span(&key_, 1)).front().error);
    EXPECT_FALSE(behind_.head(key_));
}

TEST_F(Named, SaysWhoseErrorItIs) {
    put(behind_, "a/b", "content");
    behind_.stuck.insert("a/b");
    EXPECT_STREQ(store_.remove(std::span(&key_, 1)).front().error->what(), "SRC: not permitted");
    behind_.breaks(ErrorKind::unavailable);
    const std::string named = "unavailable: SRC: the store is away";
    EXPECT_EQ(message([&] { store_.head(key_); }), named);
    EXPECT_EQ(message([&] { store_.open(key_); }), named);
    EXPECT_EQ(message([&] { store_.list("", "", 1); }), named);
    EXPECT_EQ(message([&] { put(store_, "a/c", "x"); }), named);
    EXPECT_EQ(message([&] { store_.check(); }), named);
}

}  // namespace
}  // namespace fadeout::service
