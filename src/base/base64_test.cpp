#include "base/base64.h"

#include <gtest/gtest.h>

namespace fadeout {
namespace {

TEST(Base64, TheVectorsOfTheRfc) {  // RFC 4648 section 10
    const std::pair<std::string, std::string> vectors[] = {{"", ""},
                                                           {"f", "Zg=="},
                                                           {"fo", "Zm8="},
                                                           {"foo", "Zm9v"},
                                                           {"foob", "Zm9vYg=="},
                                                           {"fooba", "Zm9vYmE="},
                                                           {"foobar", "Zm9vYmFy"}};
    for (const auto& [bytes, text] : vectors) {
        EXPECT_EQ(base64_encode(bytes), text);
        EXPECT_EQ(base64_decode(text), bytes);
    }
}

TEST(Base64, EveryByteSurvivesAtEveryPlace) {
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
    for (std::size_t skipped = 0; skipped < 4; ++skipped) {
        const std::string part = bytes.substr(skipped);
        EXPECT_EQ(base64_decode(base64_encode(part)), part);
    }
}

TEST(Base64, OnlyTheOneSpellingIsTaken) {
    for (const char* text :
         {"Zg", "Zg=", "Zg= =", "Z===", "====", "Zh==", "Zm9=", "Zg==Zg==", "Zm9v\n", "Zm-v", "Zm_v", "Zm 9"})
        EXPECT_EQ(base64_decode(text), std::nullopt) << text;
}

TEST(Base64Url, ReadsWhatItWritesAndNothingElse) {
    // RFC 4648, 10, without the padding; and the two digits in which the URL alphabet differs.
    EXPECT_EQ(base64url_encode(""), "");
    EXPECT_EQ(base64url_encode("f"), "Zg");
    EXPECT_EQ(base64url_encode("fo"), "Zm8");
    EXPECT_EQ(base64url_encode("foo"), "Zm9v");
    EXPECT_EQ(base64url_encode("foobar"), "Zm9vYmFy");
    EXPECT_EQ(base64url_encode("\xfb\xff\xbf"), "-_-_");
    std::string bytes;
    for (int i = 0; i < 300; ++i) {
        EXPECT_EQ(base64url_decode(base64url_encode(bytes)), bytes);
        bytes += static_cast<char>(i * 7);
    }
    for (const char* wrong : {"Z", "Zh", "Zg==", "Zg=", "Zm+v", "Zm/v", "Zm 9v", "Zm9vYmFyA"})
        EXPECT_EQ(base64url_decode(wrong), std::nullopt) << wrong;
}

}  // namespace
}  // namespace fadeout
