#include "speech/espeak/synthesizer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <thread>

#include "base/error.h"

namespace fadeout::speech {
namespace {

using Pcm = std::vector<std::int16_t>;

Pcm spoken(Synthesizer& synthesizer, const std::string& text, const std::string& voice = "en-us") {
    Pcm pcm;
    synthesizer.speak(
        text, voice, [&](std::span<const std::int16_t> s) { pcm.insert(pcm.end(), s.begin(), s.end()); }, {});
    return pcm;
}

/// Loudness of each 20 ms, 1 for the loudest.
std::vector<double> envelope(const Pcm& pcm) {
    constexpr std::size_t kWindow = 441;
    std::vector<double> levels;
    for (std::size_t at = 0; at + kWindow <= pcm.size(); at += kWindow) {
        double sum = 0;
        for (std::size_t i = at; i < at + kWindow; ++i) sum += std::abs(pcm[i]);
        levels.push_back(sum);
    }
    const double loudest = levels.empty() ? 1 : *std::max_element(levels.begin(), levels.end());
    for (double& level : levels) level /= std::max(loudest, 1.0);
    return levels;
}

constexpr double kWindowSeconds = 0.02;

double sounding_s(const std::vector<double>& levels) {
    return kWindowSeconds * static_cast<double>(std::count_if(levels.begin(), levels.end(),
                                                              [](double level) { return level > 0.05; }));
}

/// How far two utterances are apart, in seconds of full loudness: the cost of the best alignment of their
/// envelopes (dynamic time warping).
double distance_s(const std::vector<double>& a, const std::vector<double>& b) {
    constexpr double kFar = 1e9;
    std::vector<double> previous(b.size() + 1, kFar), current(b.size() + 1, kFar);
    previous[0] = 0;
    for (const double level : a) {
        current[0] = kFar;
        for (std::size_t j = 0; j < b.size(); ++j)
            current[j + 1] = std::abs(level - b[j]) + std::min({previous[j], previous[j + 1], current[j]});
        std::swap(previous, current);
    }
    return previous[b.size()] * kWindowSeconds;
}

/// The engine's pitch wanders and its pauses vary by up to 50 ms with what was spoken before, so that equal
/// samples cannot be asked for: as long a sound, and of the same shape. A letter more or less is longer than
/// this allows.
bool same_words(const Pcm& a, const Pcm& b) {
    const auto x = envelope(a), y = envelope(b);
    const double sounding = sounding_s(x);
    return std::abs(sounding - sounding_s(y)) < 0.04 + 0.05 * sounding && distance_s(x, y) < 0.1 * sounding;
}

std::string text_of(ErrorKind expected, const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& e) {
        EXPECT_EQ(e.kind(), expected) << e.what();
        return e.what();
    }
    ADD_FAILURE() << "nothing thrown";
    return "";
}

TEST(Espeak, SpeaksInItsSampleRate) {
    EspeakSynthesizer engine;
    EXPECT_NO_THROW(engine.check());
    EXPECT_EQ(engine.sample_rate_hz("en-us"), 22050);
    const Pcm pcm = spoken(engine, "Hello world, this is a test of speech.");
    EXPECT_GT(pcm.size(), 22050U * 2);
    EXPECT_LT(pcm.size(), 22050U * 4);
    EXPECT_GT(*std::max_element(pcm.begin(), pcm.end()), 5000);
}

TEST(Espeak, ListsItsVoices) {
    EspeakSynthesizer engine;
    EXPECT_GT(engine.voices().size(), 100U);
    for (const char* wanted : {"en-us", "de", "hi"}) {
        const auto& all = engine.voices();
        const auto voice =
            std::find_if(all.begin(), all.end(), [&](const Voice& v) { return v.id == wanted; });
        ASSERT_NE(voice, all.end()) << wanted;
        EXPECT_FALSE(voice->display_name.empty());
        EXPECT_FALSE(spoken(engine, "1 2 3", wanted).empty());
    }
}

TEST(Espeak, VoicesDiffer) {
    EspeakSynthesizer engine;
    EXPECT_FALSE(same_words(spoken(engine, "Guten Tag", "de"), spoken(engine, "Guten Tag", "en-us")));
    EXPECT_TRUE(same_words(spoken(engine, "Guten Tag", "de"), spoken(engine, "Guten Tag", "DE")));
}

TEST(Espeak, UnknownVoiceNamesSomeThatExist) {
    EspeakSynthesizer engine;
    for (const auto& ask : {std::function<void()>([&] { engine.sample_rate_hz("en-uss"); }),
                            std::function<void()>([&] { spoken(engine, "Hello", "en-uss"); })}) {
        const std::string message = text_of(ErrorKind::not_found, ask);
        EXPECT_NE(message.find("en-us,"), std::string::npos) << message;
    }
    for (const char* bad : {"", "../../etc/passwd", "gmw/en-US+f3", "en-us+f3"})
        text_of(ErrorKind::not_found, [&] { spoken(engine, "Hello", bad); });
}

/// Texts whose ends the engine looks beyond.
const std::vector<std::string> kTexts = {"Hello world.",
                                         "Why? Because of 3.14, or so!",
                                         "well... Quit",
                                         "no\n\nnext paragraph. more",
                                         "\"Quoted\" text, (more) x",
                                         "The quick brown fox jumps over the lazy dog",
                                         "Привет, мир 日本語"};

TEST(Espeak, TextWithoutWordsYieldsNothing) {
    EspeakSynthesizer engine;
    for (const std::string& before : kTexts)
        for (const char* nothing :
             {"", "   ", "\n\n", "...", "(", "\"\"", "-", "\u3000", "\u200B", "…", "\x01\x02"}) {
            spoken(engine, before);
            EXPECT_TRUE(spoken(engine, nothing).empty()) << nothing << " after " << before;
        }
    EXPECT_FALSE(spoken(engine, "😀").empty()) << "the engine knows the names of emoji";
}

TEST(Espeak, MarkupAndControlsAreNotInterpreted) {
    EspeakSynthesizer engine;
    const Pcm plain = spoken(engine, "Hello world");
    EXPECT_TRUE(same_words(plain, spoken(engine, "Hello\x01world")));
    EXPECT_TRUE(same_words(plain, spoken(engine, std::string("Hello\0world", 11))));
    EXPECT_TRUE(same_words(plain, spoken(engine, "Hello\x7f\u0085world")));
    // A pause of a minute, a foreign voice, phonemes, an entity, and the engine's own command for speed.
    EXPECT_LT(spoken(engine, "Hello <break time=\"60s\"/> world").size(), 22050U * 10);
    EXPECT_FALSE(same_words(spoken(engine, "one <voice name=\"de\">two</voice>"), spoken(engine, "one two")));
    EXPECT_FALSE(same_words(spoken(engine, "[[h@l'oU]]"), spoken(engine, "hello")));
    EXPECT_FALSE(same_words(spoken(engine, "&lt;"), spoken(engine, "<")));
    spoken(engine, std::string("a") + '\x01' + "450Sb");
    EXPECT_TRUE(same_words(plain, spoken(engine, "Hello world")));
}

TEST(Espeak, SaysTheSameWhateverWasSpokenBefore) {
    EspeakSynthesizer engine;
    const Pcm reference = spoken(engine, "One, two and three.");
    for (const std::string& other : kTexts)
        for (const char* voice : {"en-us", "de"}) {
            spoken(engine, other, voice);
            EXPECT_TRUE(same_words(reference, spoken(engine, "One, two and three."))) << other;
        }
    EXPECT_FALSE(same_words(reference, spoken(engine, "One, two and three. X."))) << "the measure must tell";
    EXPECT_FALSE(same_words(reference, spoken(engine, "X one, two and three."))) << "the measure must tell";
}

TEST(Espeak, FourThreadsSayWhatOneSays) {
    EspeakSynthesizer engine;
    std::vector<Pcm> serial;
    for (const std::string& text : kTexts) serial.push_back(spoken(engine, text));
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            for (std::size_t i = 0; i < 2 * kTexts.size(); ++i) {
                const std::size_t which = (i + t * 3) % kTexts.size();
                if (t == 3) spoken(engine, kTexts[which], "de");
                EXPECT_TRUE(same_words(serial[which], spoken(engine, kTexts[which]))) << kTexts[which];
            }
        });
}

TEST(Espeak, StopsWhenAskedAndLeavesNothingBehind) {
    EspeakSynthesizer engine;
    const Pcm reference = spoken(engine, "One, two and three.");
    for (const std::string& text : kTexts) {
        std::stop_source stop;
        std::size_t calls = 0;
        text_of(ErrorKind::cancelled, [&] {
            engine.speak(
                text + ". And more. And more again.", "en-us",
                [&](auto) {
                    ++calls;
                    stop.request_stop();
                },
                stop.get_token());
        });
        EXPECT_EQ(calls, 1U);
        EXPECT_TRUE(same_words(reference, spoken(engine, "One, two and three.")));
    }
    std::stop_source stopped;
    stopped.request_stop();
    text_of(ErrorKind::cancelled, [&] {
        engine.speak(
            "Hello", "en-us", [](auto) { FAIL(); }, stopped.get_token());
    });
}

TEST(Espeak, StopsInsideASentenceAndLeavesNothingBehind) {
    EspeakSynthesizer engine;
    const Pcm reference = spoken(engine, "One, two and three.");
    std::string sentence;
    for (int i = 0; i < 8; ++i) sentence += "well... some clauses, x, \"quoted\"; q ";
    int stopped = 0;
    for (int spin = 0; spin < 10; ++spin) {
        std::stop_source stop;
        std::atomic<bool> begun = false;
        std::jthread speaker([&] {
            begun = true;
            try {
                engine.speak(
                    sentence, "en-us", [](auto) {}, stop.get_token());
            } catch (const Error& e) {
                stopped += e.kind() == ErrorKind::cancelled;
            }
        });
        while (!begun) std::this_thread::yield();
        for (int i = 0; i < spin * 40; ++i) std::this_thread::yield();
        stop.request_stop();
        speaker.join();
        EXPECT_TRUE(same_words(reference, spoken(engine, "One, two and three.")));
    }
    EXPECT_GT(stopped, 0);
}

TEST(Espeak, PassesOnWhatItsListenerThrows) {
    EspeakSynthesizer engine;
    text_of(ErrorKind::storage_full, [&] {
        engine.speak("Hello there. And more.", "en-us",
                     [](auto) { throw Error(ErrorKind::storage_full, "No space is left."); }, {});
    });
    EXPECT_FALSE(spoken(engine, "Hello").empty()) << "the engine was given back";
}

TEST(Faults, F10_ALongTextNeitherHoldsTheEngineNorMemory) {
    EspeakSynthesizer engine;
    std::string text;
    while (text.size() < 5'000)
        text += "Sentence number " + std::to_string(text.size()) + " of a long story. ";
    std::size_t total = 0, largest = 0, short_ones = 0;
    engine.speak(text, "en-us",
                 [&](std::span<const std::int16_t> pcm) {
                     total += pcm.size();
                     largest = std::max(largest, pcm.size());
                     // Were the engine held here, this would never return.
                     if (short_ones < 3) {
                         std::jthread([&] { short_ones += !spoken(engine, "Hi").empty(); }).join();
                     }
                 },
                 {});
    EXPECT_EQ(short_ones, 3U);
    EXPECT_GT(total, 22050U * 150);
    EXPECT_LT(largest, 22050U * 10);
}

TEST(Faults, F10_AShortRequestNeedNotWaitForALongOne) {
    EspeakSynthesizer engine;
    std::string text;
    while (text.size() < 100'000) text += "This is one of many sentences. ";
    std::stop_source stop;
    std::atomic<int> sentences = 0;
    std::jthread long_one([&] {
        try {
            engine.speak(
                text, "en-us", [&](auto) { ++sentences; }, stop.get_token());
        } catch (const Error&) {
        }
    });
    while (sentences < 2) std::this_thread::yield();
    for (int i = 0; i < 5; ++i) {
        const int before = sentences;
        spoken(engine, "Hello");
        // Those that began before this request took its turn, and those after its turn until the count is
        // read.
        EXPECT_LT(sentences - before, 40);
    }
    stop.request_stop();
    long_one.join();
    EXPECT_LT(sentences, 1000) << "the long text must not have been through first";
}

TEST(Espeak, AnEndlessWordIsSpokenInPieces) {
    EspeakSynthesizer engine;
    std::size_t largest = 0, pieces = 0;
    engine.speak(std::string(5000, 'a'), "en-us",
                 [&](std::span<const std::int16_t> pcm) {
                     ++pieces;
                     largest = std::max(largest, pcm.size());
                 },
                 {});
    EXPECT_GE(pieces, 12U);
    EXPECT_LT(largest, 22050U * 300);
}

}  // namespace
}  // namespace fadeout::speech
