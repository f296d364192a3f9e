#include "speech/sentences.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "base/text.h"

namespace fadeout::speech {
namespace {

using testing::ElementsAre;
using Sentences = std::vector<std::string>;

Sentences sentences(std::string_view text) {
    Sentences all;
    while (const auto sentence = take_sentence(text)) all.emplace_back(*sentence);
    return all;
}

TEST(Sentences, EndAfterTerminatorsBeforeWhiteSpace) {
    EXPECT_THAT(sentences("One. Two?  Three!\nFour… Five"),
                ElementsAre("One.", "Two?", "Three!", "Four…", "Five"));
    EXPECT_THAT(sentences("Really?! Yes... Good."), ElementsAre("Really?!", "Yes...", "Good."));
    EXPECT_THAT(sentences("He said \"Go.\" Then (she left.) Done"),
                ElementsAre("He said \"Go.\"", "Then (she left.)", "Done"));
}

TEST(Sentences, GoOnInLowerCase) {
    EXPECT_THAT(sentences("Yahoo! is a name. \"Why?\" he asked."),
                ElementsAre("Yahoo! is a name.", "\"Why?\" he asked."));
    EXPECT_THAT(sentences("Wait... what? Это г. москва"), ElementsAre("Wait... what?", "Это г. москва"));
}

TEST(Sentences, KeepNumbersAddressesAndAbbreviationsTogether) {
    for (const char* one :
         {"It costs 3.14 or 1.000.000,50 euros", "See https://example.com/a.b?c=d!e for more",
          "Dr. Smith met Mrs. Jones", "Use fruit, e.g. Apples", "J. R. R. Tolkien and А. С. Пушкин",
          "The U.S. Army", "It is No. 5 of Fig. 12", "Am 3. Oktober", "1. Item", "Version 1.51.",
          "(Prof. Meyer)", "mail@example.com is it"})
        EXPECT_THAT(sentences(one), ElementsAre(one));
    EXPECT_THAT(sentences("He said no. Then he left in 1999. She stayed."),
                ElementsAre("He said no.", "Then he left in 1999.", "She stayed."));
}

TEST(Sentences, EndAtFullStopsOfOtherScriptsWithoutSpace) {
    EXPECT_THAT(sentences("今日は。元気？「はい！」終わり"),
                ElementsAre("今日は。", "元気？", "「はい！」", "終わり"));
    EXPECT_THAT(sentences("नमस्ते।आप कैसे हैं"), ElementsAre("नमस्ते।", "आप कैसे हैं"));
    EXPECT_THAT(sentences("كيف حالك؟بخير"), ElementsAre("كيف حالك؟", "بخير"));
}

TEST(Sentences, EndAtBlankLinesButNotAtLineBreaks) {
    EXPECT_THAT(sentences("A title\n\nthe text\ngoes on\r\n \r\nend"),
                ElementsAre("A title", "the text\ngoes on", "end"));
    EXPECT_THAT(sentences("one.\n\ntwo"), ElementsAre("one.", "two"));
    EXPECT_THAT(sentences("one\u2029two"), ElementsAre("one", "two"));
}

TEST(Sentences, OfNothingAreNone) {
    for (const char* nothing : {"", " ", "\n\n\t ", "\u3000\u00A0\u2003"})
        EXPECT_TRUE(sentences(nothing).empty());
    EXPECT_THAT(sentences(" ... "), ElementsAre("..."));
}

TEST(Sentences, TooLongOnesAreCutWhereItIsHeardLeast) {
    std::string with_comma;
    for (int i = 0; i < 60; ++i) with_comma += "word ";
    with_comma += "here, ";
    for (int i = 0; i < 60; ++i) with_comma += "more ";
    const auto at_comma = sentences(with_comma);
    ASSERT_EQ(at_comma.size(), 2U);
    EXPECT_TRUE(at_comma[0].ends_with("here,"));

    std::string words;
    for (int i = 0; i < 200; ++i) words += "seven" + std::to_string(100 + i) + " ";
    for (const std::string& part : sentences(words)) {
        EXPECT_TRUE(part.starts_with("seven"));
        EXPECT_EQ(part.size() % 9, 8U) << "torn inside a word: " << part;
        EXPECT_LE(part.size(), kMaxSentenceCharacters);
    }
    const std::string digits(1000, '7');
    EXPECT_THAT(sentences(digits),
                ElementsAre(digits.substr(0, 400), digits.substr(0, 400), digits.substr(0, 200)));
    for (const std::string& part : sentences(std::string(3000, '.')))
        EXPECT_LE(part.size(), kMaxSentenceCharacters);
}

/// Random text of what the rules look at.
std::string random_text(std::mt19937& random) {
    static const Sentences kPieces = {"a",      "B",  "Dr",   "3",      ".",   ".", "?",    "!",  "…",
                                      "。",     "！", "「",   "」",     "\"",  ")", ",",    "、", " ",
                                      " ",      "\n", "\t",   "\u00A0", "é",   "Я", "日本", "😀",  "\n\n",
                                      "\u3000", "no", "word", "\u2029", "e.g", "à"};
    std::string text;
    const std::size_t count = random() % (random() % 10 == 0 ? 2000 : 60);
    for (std::size_t i = 0; i < count; ++i) text += kPieces[random() % kPieces.size()];
    return text;
}

std::string without_space(std::string text) {
    for (const std::string space : {" ", "\n", "\t", "\u00A0", "\u3000", "\u2029"})
        for (std::size_t at = 0; (at = text.find(space, at)) != std::string::npos;)
            text.erase(at, space.size());
    return text;
}

TEST(Sentences, HoldEveryCharacterOnceAndAreBounded) {
    std::mt19937 random(3);
    for (int round = 0; round < 2000; ++round) {
        const std::string text = random_text(random);
        std::string joined;
        for (const std::string& sentence : sentences(text)) {
            ASSERT_FALSE(sentence.empty());
            ASSERT_TRUE(is_utf8(sentence)) << text;
            ASSERT_LE(count_characters(sentence), kMaxSentenceCharacters);
            ASSERT_FALSE(without_space(sentence).empty()) << text;
            joined += sentence;
        }
        ASSERT_EQ(without_space(joined), without_space(text)) << text;
    }
}

TEST(Sentences, OfBytesThatAreNoUtf8StillHoldEveryByte) {
    std::mt19937 random(4);
    for (int round = 0; round < 500; ++round) {
        std::string text;
        for (std::size_t i = random() % 900; i > 0; --i) text += static_cast<char>(0x80 + random() % 0x80);
        std::size_t bytes = 0;
        for (const std::string& sentence : sentences(text)) bytes += sentence.size();
        EXPECT_LE(bytes, text.size());
        EXPECT_GE(bytes + 300, text.size()) << "only what happens to be white space may go";
    }
}

}  // namespace
}  // namespace fadeout::speech
