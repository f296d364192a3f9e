#include "base/text.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <random>

namespace fadeout {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;

TEST(Text, HexAndCase) {
    const std::array<unsigned char, 4> bytes{0x00, 0x0f, 0xa5, 0xff};
    EXPECT_EQ(to_hex(bytes), "000fa5ff");
    EXPECT_EQ(to_hex({}), "");
    EXPECT_EQ(to_lower("AZaz09@[\u00c4"), "azaz09@[\u00c4") << "ASCII only";
}

TEST(Text, TrimAndSplit) {
    EXPECT_EQ(trim(" \t\r\n a b \f\v"), "a b");
    EXPECT_EQ(trim(" \n "), "");
    EXPECT_EQ(trim(""), "");
    using Parts = std::vector<std::string_view>;
    EXPECT_EQ(split("a,b,,c,", ','), (Parts{"a", "b", "", "c", ""}));
    EXPECT_EQ(split("", ','), (Parts{""}));
    EXPECT_EQ(split("abc", ','), (Parts{"abc"}));
}

TEST(Text, EqualConstantTime) {
    EXPECT_TRUE(equal_constant_time("", ""));
    EXPECT_TRUE(equal_constant_time("abc", "abc"));
    EXPECT_FALSE(equal_constant_time("abc", "abd"));
    EXPECT_FALSE(equal_constant_time("abc", "Abc"));
    EXPECT_FALSE(equal_constant_time("abc", "abcd"));
    EXPECT_FALSE(equal_constant_time("ab\x80", "ab\x00"sv));
}

TEST(Text, PercentEncodingOfEveryByte) {
    for (int b = 0; b < 256; ++b) {
        const std::string text(1, static_cast<char>(b));
        const bool stays = b < 128 && (std::isalnum(b) != 0 || "-._~"sv.find(text) != std::string_view::npos);
        const std::string encoded = percent_encode(text);
        EXPECT_EQ(encoded.size(), stays ? 1u : 3u) << b;
        EXPECT_EQ(percent_decode(encoded), text) << b;
    }
    EXPECT_EQ(percent_encode("a/b c\u00fc"), "a%2Fb%20c%C3%BC");
    EXPECT_EQ(percent_encode("a/b c", true), "a/b%20c");
}

TEST(Text, PercentDecodingRefusesHalfEscapes) {
    for (const char* bad : {"%", "%4", "a%", "a%4", "%zz", "%4g", "%g4", "%%41", "100%"})
        EXPECT_FALSE(percent_decode(bad)) << bad;
    EXPECT_EQ(percent_decode("a+b%2b%2B"), "a+b++");
    EXPECT_EQ(percent_decode("%00"), "\0"sv);
}

TEST(Text, PercentRoundTripOfRandomBytes) {
    std::mt19937 random(1);
    for (int round = 0; round < 1000; ++round) {
        std::string text(random() % 50, '\0');
        for (char& c : text) c = static_cast<char>(random());
        ASSERT_EQ(percent_decode(percent_encode(text)), text);
        ASSERT_EQ(percent_decode(percent_encode(text, true)), text);
    }
}

/// UTF-8 as RFC 3629 defines it, from the code point's side.
std::string encode_utf8(std::uint32_t c) {
    const auto byte = [](std::uint32_t b) { return static_cast<char>(b); };
    const auto tail = [&](int shift) { return byte(0x80 | ((c >> shift) & 0x3f)); };
    if (c < 0x80) return {byte(c)};
    if (c < 0x800) return {byte(0xc0 | (c >> 6)), tail(0)};
    if (c < 0x10000) return {byte(0xe0 | (c >> 12)), tail(6), tail(0)};
    return {byte(0xf0 | (c >> 18)), tail(12), tail(6), tail(0)};
}

/// Decodes by what each lead byte announces, then asks whether encoding gives the same bytes back.
bool oracle_is_utf8(std::string_view text) {
    while (!text.empty()) {
        const auto lead = static_cast<unsigned char>(text[0]);
        const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        if (length > text.size()) return false;
        std::uint32_t code = length == 1 ? lead : lead & (0x7fu >> length);
        for (std::size_t i = 1; i < length; ++i)
            code = (code << 6) | (static_cast<unsigned char>(text[i]) & 0x3f);
        if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return false;
        if (encode_utf8(code) != text.substr(0, length)) return false;
        text.remove_prefix(length);
    }
    return true;
}

TEST(Text, Utf8AgreesWithTheOracleAtEveryBorder) {
    constexpr std::array<int, 26> borders{0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf,
                                          0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee,
                                          0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf8, 0xff};
    std::string text(4, '\0');
    for (const int a : borders)
        for (const int b : borders)
            for (const int c : borders)
                for (const int d : borders) {
                    text[0] = static_cast<char>(a);
                    text[1] = static_cast<char>(b);
                    text[2] = static_cast<char>(c);
                    text[3] = static_cast<char>(d);
                    for (std::size_t length = 1; length <= 4; ++length) {
                        const std::string_view part = std::string_view(text).substr(0, length);
                        if (is_utf8(part) != oracle_is_utf8(part)) FAIL() << percent_encode(part);
                    }
                }
}

TEST(Text, EveryCodePoint) {
    for (std::uint32_t c = 0; c <= 0x110000; ++c) {
        const std::string text = encode_utf8(c);
        const bool valid = c <= 0x10ffff && (c < 0xd800 || c >= 0xe000);
        if (is_utf8(text) != valid) FAIL() << c;
        if (valid && count_characters(text) != 1) FAIL() << c;
    }
    EXPECT_TRUE(is_utf8(""));
    EXPECT_FALSE(is_utf8("caf\xe9"));
}

TEST(Text, CharactersAreCodePoints) {
    const std::string text = "a\u00fc\u20ac\U0001f3b5z";
    EXPECT_EQ(count_characters(text), 5u);
    EXPECT_EQ(count_characters(""), 0u);
    const std::array<std::size_t, 7> bytes{0, 1, 3, 6, 10, 11, 11};
    for (std::size_t count = 0; count < bytes.size(); ++count)
        EXPECT_EQ(first_characters(text, count), text.substr(0, bytes[count])) << count;
}

TEST(Text, Durations) {
    EXPECT_EQ(parse_duration("500ms"), 500ms);
    EXPECT_EQ(parse_duration("2s"), 2s);
    EXPECT_EQ(parse_duration("10m"), 10min);
    EXPECT_EQ(parse_duration("24h"), 24h);
    EXPECT_EQ(parse_duration("7d"), 168h);
    EXPECT_EQ(parse_duration("90"), 90s) << "a bare number is seconds";
    EXPECT_EQ(parse_duration(" 2 s "), 2s);
    EXPECT_EQ(parse_duration("0"), 0s);
    EXPECT_EQ(parse_duration("9223372036854775807ms"), Duration(std::numeric_limits<std::int64_t>::max()));
    for (const char* bad :
         {"", " ", "s", "-1s", "+1s", "1.5h", "1e3", "1h30m", "2S", "2 weeks", "1s2", "0x10",
          "9223372036854775808ms", "9223372036854775807s", "106751991168d", "99999999999999999999"})
        EXPECT_FALSE(parse_duration(bad)) << bad;
}

TEST(Text, DurationsReadBack) {
    EXPECT_EQ(format_duration(0ms), "0s");
    EXPECT_EQ(format_duration(500ms), "500ms");
    EXPECT_EQ(format_duration(90s), "90s");
    EXPECT_EQ(format_duration(24h), "1d");
    EXPECT_EQ(format_duration(25h), "25h");
    std::mt19937_64 random(3);
    for (int round = 0; round < 1000; ++round) {
        const Duration d(static_cast<Duration::rep>(random() >> (1 + random() % 62)));
        ASSERT_EQ(parse_duration(format_duration(d)), d);
        ASSERT_EQ(parse_duration(format_duration(d / 1000 * 1000)), d / 1000 * 1000);
    }
}

TEST(Text, ByteSizes) {
    EXPECT_EQ(parse_bytes("1024"), 1024u);
    EXPECT_EQ(parse_bytes("1B"), 1u);
    EXPECT_EQ(parse_bytes("64KiB"), 65'536u);
    EXPECT_EQ(parse_bytes("2 GiB"), 2ULL << 30);
    EXPECT_EQ(parse_bytes("100MB"), 100'000'000u);
    EXPECT_EQ(parse_bytes("5kB"), 5000u);
    for (const char* bad :
         {"", "MB", "-1", "1.5MB", "1mb", "1K", "1 TiB", "9223372036854775808", "9223372036GB0"})
        EXPECT_FALSE(parse_bytes(bad)) << bad;
    EXPECT_FALSE(parse_bytes("9223372037GB")) << "overflows";
    EXPECT_EQ(format_bytes(0), "0 B");
    EXPECT_EQ(format_bytes(999), "999 B");
    EXPECT_EQ(format_bytes(3'240'000), "3.2 MB");
    EXPECT_EQ(format_bytes(std::numeric_limits<std::uint64_t>::max()), "18446744.1 TB");
    EXPECT_EQ(format_bytes(999'999), "1.0 MB") << "never 1000.0 kB";
}

TEST(Text, NearestFindsTypingSlips) {
    const std::vector<std::string> names{"store", "records", "queue", "listen", "public_url", "sweep.mode"};
    EXPECT_EQ(nearest("stroe", names), "store");
    EXPECT_EQ(nearest("LISTEN", names), "listen");
    EXPECT_EQ(nearest("publicurl", names), "public_url");
    EXPECT_EQ(nearest("sweep_mode", names), "sweep.mode");
    EXPECT_EQ(nearest("watermark", names), std::nullopt);
    EXPECT_EQ(nearest("x", names), std::nullopt);
    EXPECT_EQ(nearest("store", {}), std::nullopt);
    EXPECT_EQ(nearest("", {"a", "ab"}), std::nullopt) << "nothing was typed";
    EXPECT_EQ(nearest("q", {"db"}), std::nullopt) << "no letter in common";
}

TEST(Faults, F22_LinksAreMaskedForTheLog) {
    EXPECT_EQ(mask_url("https://h/p/song.mp3?X-Amz-Signature=abc&X-Amz-Date=1"),
              "https://h/p/song.mp3?X-Amz-Signature=***&X-Amz-Date=***");
    EXPECT_EQ(mask_url("redis://user:secret@h:6379/0"), "redis://***@h:6379/0");
    EXPECT_EQ(mask_url("redis://:secret@h:6379/0"), "redis://***@h:6379/0");
    EXPECT_EQ(mask_url("http://u:p@ss@h/a@b?c=d@e"), "http://***@h/a@b?c=***");
    EXPECT_EQ(mask_url("http://u:secret@h"), "http://***@h");
    EXPECT_EQ(mask_url("http://h/a@b"), "http://h/a@b");
    EXPECT_EQ(mask_url("/objects/b/k?token=abc=def&flag&x="), "/objects/b/k?token=***&flag&x=***");
    EXPECT_EQ(mask_url("http://h/p#access_token=secret"), "http://h/p#***") << "fragments carry secrets too";
    EXPECT_EQ(mask_url("http://h/p?a=1#secret"), "http://h/p?a=***");
    EXPECT_EQ(mask_url("http://h/p?flag#secret"), "http://h/p?flag#***");
    EXPECT_EQ(mask_url(""), "");
    EXPECT_EQ(mask_url("no url"), "no url");
    EXPECT_EQ(mask_url("https://h/l/c2VjcmV0"), "https://h/l/***");
    EXPECT_EQ(mask_url("https://h/below/l/c2VjcmV0/x?a=b#c"), "https://h/below/l/***?a=***");
    EXPECT_EQ(mask_url("/l/c2VjcmV0#x"), "/l/***#***");
    EXPECT_EQ(mask_url("https://h/x?back=/l/y"), "https://h/x?back=***");
    EXPECT_EQ(mask_url("https://h/all/x.wav"), "https://h/all/x.wav");
}

TEST(MaskLinks, LeavesNothingThatOpensAnObject) {
    EXPECT_EQ(mask_links("cannot read 'https://h/a?X-Amz-Signature=secret', sorry?"),
              "cannot read 'https://h/a?X-Amz-Signature=***', sorry?");
    EXPECT_EQ(mask_links("<https://h/l/c2VjcmV0> (/l/c2VjcmV0)"), "<https://h/l/***> (/l/***)");
    EXPECT_EQ(mask_links("a\r\nb\x1b[31m"), "a  b [31m") << "one line";
    for (const char* part :
         {"X-Amz-Signature=secret", R"(a\u003fX-Amz-Signature\u003dsecret)", "a%3FX-Amz-Signature%3Dsecret",
          "?X-Amz-Signature=secret&X-Amz-Signature=secret"})
        EXPECT_EQ(mask_links(part).find("secret"), std::string::npos) << mask_links(part);
    EXPECT_EQ(mask_links(""), "");
    EXPECT_EQ(mask_links("no link: C# at 5%, "), "no link: C# at 5%, ");
}

TEST(IsWebUrl, InWhateverCase) {
    for (const char* url : {"http://h", "https://h/x", "HTTPS://h", "HtTp://h"})
        EXPECT_TRUE(is_web_url(url)) << url;
    for (const char* other : {"", "http:/h", "ftp://h", "pitches/7/https://", "https:"})
        EXPECT_FALSE(is_web_url(other)) << other;
}

TEST(Wrap, BreaksAtSpacesOnly) {
    EXPECT_EQ(wrap("", 10), "");
    EXPECT_EQ(wrap("one two three", 7), "one two\nthree");
    EXPECT_EQ(wrap("one two three", 13), "one two three");
    EXPECT_EQ(wrap("a unbreakableword b", 5), "a\nunbreakableword\nb");
    EXPECT_EQ(wrap("one two three", 9, "# "), "# one two\n# three");
}

}  // namespace
}  // namespace fadeout
