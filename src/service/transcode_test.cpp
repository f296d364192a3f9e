#include "service/transcode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <future>
#include <latch>

#include "audio/render_test_media.h"
#include "audio/wav_writer.h"
#include "net/test_server.h"
#include "storage/memory/memory_store.h"

namespace fadeout::service {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class TranscodeTest : public ::testing::Test {
  protected:
    TranscodeTest() { put_sine("pitches/7/song.wav", 440); }

    void put_sine(const std::string& key, double frequency_hz) {
        const auto writer = objects_.create(storage::Key::parse(key), {});
        audio::WavWriter wav(*writer, 44'100, 2);
        std::vector<std::int16_t> samples;
        for (int i = 0; i < 44'100; ++i)
            samples.insert(samples.end(), 2,
                           static_cast<std::int16_t>(9000 * std::sin(6.283185 * frequency_hz * i / 44'100)));
        wav.write(samples);
        wav.finish();
        writer->commit();
    }

    void put(const std::string& key, Bytes content) {
        const auto writer = objects_.create(storage::Key::parse(key), {});
        writer->write(content);
        writer->commit();
    }

    TranscodeResult run(const boost::json::object& body) {
        return transcode_.run(transcode_.parse(body), [](double) {}, {});
    }

    std::string refusal(const boost::json::object& body) {
        try {
            transcode_.parse(body);
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::invalid);
            return error.what();
        }
        return "accepted";
    }

    std::vector<std::string> keys() {
        std::vector<std::string> found;
        for (const auto& info : objects_.list("", "", 100).objects) found.push_back(info.key.str());
        return found;
    }

    ManualClock clock_{from_unix_seconds(1'795'187'411)};
    storage::MemoryStore objects_{clock_};
    Sources sources_{objects_, clock_, {"memory", "memory", {}}, "http://localhost", net::AddressPolicy{},
                     {}};
    Transcode transcode_{objects_, sources_, clock_, {}};
};

/// A look-up that misses a result costs a render, and replaces nothing.
TEST_F(TranscodeTest, LooksForResultsAsItIsTold) {
    const boost::json::object body{{"file_url", "pitches/7/song.wav"}, {"target_format", "wav"}};
    int missed = 0;
    Transcode transcode(objects_, sources_, clock_,
                        {.limits = {}, .find_result = [&](const storage::Key& key) {
                             return ++missed == 1 ? std::nullopt : objects_.head(key);
                         }});
    run(body);
    const auto result = transcode.run(transcode.parse(body), [](double) {}, {});
    EXPECT_TRUE(result.reused);
    EXPECT_EQ(missed, 3) << "twice for the result, and for its warnings";
}

TEST_F(TranscodeTest, StoresOneObjectAtItsFinalKey) {
    const TranscodeResult result = run(
        {{"file_url", "pitches/7/song.wav"}, {"watermark_settings", {{"pitch_id", "7"}, {"project_id", 3}}}});
    EXPECT_THAT(result.key,
                MatchesRegex("pitches/7/processed/transcoded_[0-9]{8}_[0-9]{6}_[0-9a-f]{8}\\.mp3"));
    EXPECT_THAT(keys(), ::testing::UnorderedElementsAre("pitches/7/song.wav", result.key));
    const auto head = objects_.head(storage::Key::parse(result.key));
    EXPECT_EQ(head->attributes.content_type, "audio/mpeg");
    EXPECT_EQ(head->attributes.metadata.at("project_id"), "3");
    EXPECT_EQ(head->attributes.metadata.at("original_watermarked"), "false");
    const boost::json::object answer = to_json(result);
    EXPECT_EQ(answer.at("input_info").at("codec"), "pcm_s16le");
    EXPECT_EQ(answer.at("output_info").at("codec"), "mp3");
    EXPECT_NEAR(answer.at("output_info").at("duration").as_double(), 1.0, 0.001);
}

TEST_F(TranscodeTest, F18_TheSameRequestNamesTheSameObjectAndRendersOnce) {
    const TranscodeResult first = run({{"file_url", "pitches/7/song.wav"}});
    clock_.advance(std::chrono::hours(3));
    const TranscodeResult again = run({{"file_url", "pitches/7/song.wav"}});
    EXPECT_EQ(again.key, first.key);
    EXPECT_FALSE(first.reused);
    EXPECT_TRUE(again.reused);
    EXPECT_EQ(again.rendered.output.codec, "mp3");
    EXPECT_EQ(keys().size(), 2u);
}

TEST_F(TranscodeTest, WhatARenderWarnedOfIsToldWithEveryReuse) {
    audio::testing::FileBytes damaged =
        audio::testing::render_to(audio::Format::mp3, audio::testing::tone_wav(44'100 * 10));
    std::fill_n(damaged.begin() + static_cast<std::ptrdiff_t>(damaged.size() / 2), 400, std::byte{0x5A});
    put("pitches/7/damaged.mp3", damaged);
    const TranscodeResult first = run({{"file_url", "pitches/7/damaged.mp3"}});
    ASSERT_THAT(first.rendered.warnings, ::testing::ElementsAre(HasSubstr("replaced by silence")));
    const TranscodeResult again = run({{"file_url", "pitches/7/damaged.mp3"}});
    EXPECT_TRUE(again.reused);
    EXPECT_EQ(again.rendered.warnings, first.rendered.warnings);
    const TranscodeResult other = run({{"file_url", "pitches/7/song.wav"}});
    EXPECT_THAT(other.rendered.warnings, ::testing::IsEmpty());
}

TEST_F(TranscodeTest, AReuseTellsTheLengthOfASourceThatPromisesNone) {
    put("pitches/7/piped.mp3", audio::testing::mp3_without_length(44'100 * 6));
    const TranscodeResult first = run({{"file_url", "pitches/7/piped.mp3"}});
    EXPECT_NEAR(first.rendered.input.duration_s, 6, 0.2);
    const TranscodeResult again = run({{"file_url", "pitches/7/piped.mp3"}});
    EXPECT_TRUE(again.reused);
    EXPECT_NEAR(again.rendered.input.duration_s, first.rendered.input.duration_s, 0.03) << "a frame of MP3";
    EXPECT_NEAR(again.rendered.output.duration_s, first.rendered.output.duration_s, 0.03);
}

TEST_F(TranscodeTest, AUrlWithoutAVersionIsFoundAgainByItsContent) {
    const auto wav = [](int step) {
        MemorySink sink;
        audio::WavWriter writer(sink, 44'100, 1);
        std::vector<std::int16_t> samples(44'100);
        for (std::size_t i = 0; i < samples.size(); ++i)
            samples[i] = static_cast<std::int16_t>(i * static_cast<std::size_t>(step) % 9'000);
        writer.write(samples);
        writer.finish();
        return std::string(reinterpret_cast<const char*>(sink.data().data()), sink.data().size());
    };
    std::string content = wav(97);
    net::TestServer server([&](const net::TestRequest&) { return net::whole(content); });
    const Sources sources(objects_, clock_, {"memory", "memory", {}}, "http://localhost",
                          net::AddressPolicy({"127.0.0.1"}), {});
    Transcode transcode(objects_, sources, clock_, {});
    const auto render = [&](std::stop_token stop) {
        return transcode.run(
            transcode.parse({{"file_url", server.url("/song.wav")}}), [](double) {}, std::move(stop));
    };
    const TranscodeResult first = render({});
    EXPECT_TRUE(render({}).reused);
    content = wav(89);  // of the same length
    const TranscodeResult changed = render({});
    EXPECT_FALSE(changed.reused);
    EXPECT_NE(changed.key, first.key);
    std::stop_source stop;
    stop.request_stop();
    EXPECT_THROW(render(stop.get_token()), Error) << "also while it is read for its digest";
}

TEST_F(TranscodeTest, EverySettingAndTheSourceItselfNameAnotherObject) {
    std::set<std::string> names;
    const boost::json::object mark{{"volume", 0.2}};
    for (boost::json::object body : {boost::json::object{},
                                     {{"target_bitrate", "128k"}},
                                     {{"sample_rate", 48'000}},
                                     {{"channels", 1}},
                                     {{"apply_watermark", true}},
                                     {{"apply_watermark", true}, {"watermark_settings", mark}}}) {
        body["file_url"] = "pitches/7/song.wav";
        names.insert(run(body).key);
    }
    put_sine("pitches/7/song.wav", 880);
    names.insert(run({{"file_url", "pitches/7/song.wav"}}).key);
    EXPECT_EQ(names.size(), 7u);
}

TEST_F(TranscodeTest, ACollidingNameOfAnotherRenderIsNotReused) {
    const TranscodeResult first = run({{"file_url", "pitches/7/song.wav"}});
    const auto other =
        objects_.create(storage::Key::parse(first.key),
                        {.content_type = "audio/mpeg", .metadata = {{"fadeout-render", "other"}}});
    other->write(as_bytes("another render"));
    other->commit();
    const TranscodeResult second = run({{"file_url", "pitches/7/song.wav"}});
    EXPECT_NE(second.key, first.key);
    EXPECT_FALSE(second.reused);
    EXPECT_EQ(run({{"file_url", "pitches/7/song.wav"}}).key, second.key);
}

/// Runs the request while somebody else commits `content` with `digest` to the key that it renders to.
class RacedTranscodeTest : public TranscodeTest {
  protected:
    void SetUp() override {
        first_ = run({{"file_url", "pitches/7/song.wav"}});
        const auto key = storage::Key::parse(first_.key);
        digest_ = objects_.head(key)->attributes.metadata.at("fadeout-render");
        objects_.remove(std::span(&key, 1));
    }

    TranscodeResult run_while_another_commits(const std::string& digest) {
        bool done = false;
        return transcode_.run(
            transcode_.parse({{"file_url", "pitches/7/song.wav"}}),
            [&](double) {
                if (std::exchange(done, true)) return;
                const auto other =
                    objects_.create(storage::Key::parse(first_.key),
                                    {.content_type = "audio/mpeg", .metadata = {{"fadeout-render", digest}}});
                other->write(as_bytes(other_bytes));
                other->commit();
            },
            {});
    }

    std::string content(const std::string& key) {
        const auto reader = objects_.open(storage::Key::parse(key));
        std::string bytes(*reader->size(), '\0');
        reader->read_at(0, std::as_writable_bytes(std::span(bytes)));
        return bytes;
    }

    static constexpr std::string_view other_bytes = "another's";
    TranscodeResult first_;
    std::string digest_;
};

TEST_F(RacedTranscodeTest, TheSameRenderOfAnotherNodeIsTheAnswer) {
    // What lies there is no audio, so that looking at it again can be told from having rendered.
    EXPECT_THROW(run_while_another_commits(digest_), Error);
    EXPECT_EQ(content(first_.key), other_bytes);
    EXPECT_EQ(keys().size(), 2u);
}

TEST_F(RacedTranscodeTest, AnotherRenderThatTookTheNameStays) {
    const TranscodeResult result = run_while_another_commits("another render's");
    EXPECT_NE(result.key, first_.key);
    EXPECT_FALSE(result.reused);
    EXPECT_EQ(content(first_.key), other_bytes);
    EXPECT_EQ(keys().size(), 3u);
    EXPECT_EQ(run({{"file_url", "pitches/7/song.wav"}}).key, result.key);
}

TEST_F(TranscodeTest, TheSameRequestMeanwhileWaitsAndReusesTheResult) {
    const auto request = transcode_.parse({{"file_url", "pitches/7/song.wav"}});
    std::promise<void> begun;
    std::latch let_go(1);
    std::atomic<bool> held = false, rendered_again = false;
    auto first = std::async(std::launch::async, [&] {
        return transcode_.run(request,
                              [&](double) {
                                  if (held.exchange(true)) return;
                                  begun.set_value();
                                  let_go.wait();
                              },
                              {});
    });
    begun.get_future().wait();
    const auto run_meanwhile = [&](const std::stop_token& stop) {
        return transcode_.run(
            request, [&](double) { rendered_again = true; }, stop);
    };
    std::stop_source stop;
    auto impatient = std::async(std::launch::async, [&] { return run_meanwhile(stop.get_token()); });
    auto second = std::async(std::launch::async, [&] { return run_meanwhile({}); });
    stop.request_stop();
    EXPECT_THROW(impatient.get(), Error) << "who waits can be told to stop";
    let_go.count_down();
    EXPECT_FALSE(first.get().reused);
    EXPECT_TRUE(second.get().reused);
    EXPECT_FALSE(rendered_again);
}

TEST_F(TranscodeTest, ACancelledRenderLeavesNothing) {
    std::stop_source stop;
    stop.request_stop();
    EXPECT_THROW(transcode_.run(
                     transcode_.parse({{"file_url", "pitches/7/song.wav"}}), [](double) {}, stop.get_token()),
                 Error);
    EXPECT_EQ(keys().size(), 1u);
}

TEST_F(TranscodeTest, WrongMembersSayWhatIsAccepted) {
    const char* url = "pitches/7/song.wav";
    EXPECT_EQ(refusal({}), "Missing file_url parameter");
    EXPECT_EQ(refusal({{"file_url", ""}}), "Missing file_url parameter");
    EXPECT_THAT(refusal({{"file_url", 1}}), HasSubstr("file_url"));
    EXPECT_THAT(refusal({{"file_url", url}, {"target_format", "xyz"}}), HasSubstr("mp3"));
    EXPECT_THAT(refusal({{"file_url", url}, {"target_bitrate", "fast"}}), HasSubstr("192k"));
    EXPECT_THAT(refusal({{"file_url", url}, {"channels", 3}}), HasSubstr("1 to 2"));
    EXPECT_THAT(refusal({{"file_url", url}, {"pitch_id", "../x"}}), HasSubstr("pitch_id"));
}

TEST_F(TranscodeTest, F17_UnusableWatermarksAreRefused) {
    for (const boost::json::object& settings : {boost::json::object{{"volume", 0}},
                                                {{"volume", 1.5}},
                                                {{"volume", "loud"}},
                                                {{"interval", 0}},
                                                {{"duration", -1}},
                                                {{"type", "beep"}}})
        EXPECT_NE(
            refusal({{"file_url", "x.wav"}, {"apply_watermark", true}, {"watermark_settings", settings}}),
            "accepted");
    EXPECT_EQ(refusal({{"file_url", "x.wav"}, {"watermark_settings", {{"volume", 0}}}}), "accepted");
}

}  // namespace
}  // namespace fadeout::service
