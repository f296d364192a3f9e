#include "storage/key.h"

#include <gtest/gtest.h>

#include <random>

#include "base/error.h"
#include "base/text.h"
#include "storage/object_store.h"

namespace fadeout::storage {
namespace {

/// The rules once more, as plainly as they are documented: an oracle for random texts.
bool is_key_by_the_rules(const std::string& text) {
    if (text.empty() || text.size() > 1024 || !is_utf8(text)) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
        if (byte < 0x20 || byte == 0x7f || byte == '\\' || (byte == 0xc2 && next >= 0x80 && next <= 0x9f))
            return false;
    }
    for (const std::string_view segment : split(text, '/'))
        if (segment.empty() || segment[0] == '.' || segment.ends_with(".fadeout-meta")) return false;
    return true;
}

TEST(Key, TakesOrdinaryNames) {
    for (const char* text : {"a", "temp-audio/2026-11-20/x.wav", "a b", "ü/日本.mp3", "a/b.c/d..", "~", "a:b",
                             "fadeout-meta", "a.fadeout-meta2", "%2e%2e"})
        EXPECT_EQ(Key::parse(text).str(), text);
    EXPECT_NO_THROW(Key::parse(std::string(1024, 'x')));
}

TEST(Key, RefusesTheRestWithItsReason) {
    const auto reason = [](std::string_view text) {
        return std::string(key_fault(text).value_or("(a key)"));
    };
    EXPECT_NE(reason("").find("empty"), std::string::npos);
    EXPECT_NE(reason(std::string(1025, 'x')).find("1,024"), std::string::npos);
    EXPECT_NE(reason("a\xff").find("UTF-8"), std::string::npos);
    EXPECT_NE(reason("\xc0\xaf").find("UTF-8"), std::string::npos) << "an overlong slash";
    for (const std::string& text :
         {std::string("a\0b", 3), std::string("a\nb"), std::string("\x7f"), std::string("\xc2\x85")})
        EXPECT_NE(reason(text).find("control"), std::string::npos);
    EXPECT_NE(reason("a\\b").find("backslash"), std::string::npos);
    for (const char* text : {"/", "/a", "a/", "a//b"})
        EXPECT_NE(reason(text).find("'/'"), std::string::npos) << text;
    for (const char* text : {".", "..", "a/..", "../a", "a/./b", "./a"})
        EXPECT_NE(reason(text).find("'..'"), std::string::npos) << text;
    for (const char* text : {".a", "a/.unfinished/b", "..a"})
        EXPECT_NE(reason(text).find("dot"), std::string::npos);
    for (const char* text : {"a.fadeout-meta", "a.fadeout-meta/b", "x.fadeout-meta.fadeout-meta"})
        EXPECT_NE(reason(text).find("reserved"), std::string::npos);
    try {
        Key::parse("../secret");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid);
        EXPECT_EQ(std::string_view(error.what()).find("secret"), std::string_view::npos);
    }
}

TEST(Key, KnowsItsParts) {
    EXPECT_EQ(Key::parse("a/b/c.mp3").name(), "c.mp3");
    EXPECT_EQ(Key::parse("a/b/c.mp3").folder(), "a/b");
    EXPECT_EQ(Key::parse("c.mp3").name(), "c.mp3");
    EXPECT_EQ(Key::parse("c.mp3").folder(), "");
    EXPECT_LT(Key::parse("a.b"), Key::parse("a/b"));
    EXPECT_LT(Key::parse("z"), Key::parse("ü")) << "by bytes, unsigned";
}

TEST(Key, AgreesWithTheRulesOnRandomTexts) {
    std::mt19937 random(7);
    static constexpr std::string_view pieces[] = {
        "a", "/",    ".",    "..",   "\\",   "\n",  "\xc2", "\x85", ".fadeout-meta",
        "ü", "\xff", "\xe2", "\x80", "\x7f", "b/c", "%2f",  " ",    "\xc3\xa9"};
    int keys = 0;
    for (int i = 0; i < 50'000; ++i) {
        std::string text;
        for (std::size_t n = random() % 6; n > 0; --n) text += pieces[random() % std::size(pieces)];
        ASSERT_EQ(!key_fault(text).has_value(), is_key_by_the_rules(text)) << percent_encode(text);
        keys += !key_fault(text);
    }
    EXPECT_GT(keys, 1000) << "the random texts hardly ever are keys";
}

TEST(ContentType, IsDerivedFromTheExtension) {
    EXPECT_EQ(content_type_of("x.mp3"), "audio/mpeg");
    EXPECT_EQ(content_type_of("x.y.WAV"), "audio/wav");
    EXPECT_EQ(content_type_of("x.m4a"), "audio/mp4");
    EXPECT_EQ(content_type_of("x.flac"), "audio/flac");
    EXPECT_EQ(content_type_of("x.opus"), "audio/ogg");
    for (const char* name : {"x", "mp3", "x.", "", "x.html", "x.svg", "x.js", "x.mp3.exe"})
        EXPECT_EQ(content_type_of(name), "application/octet-stream") << name;
}

}  // namespace
}  // namespace fadeout::storage
