#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <random>

#include "audio/render.h"
#include "audio/render_test_media.h"
#include "base/error.h"

/// Bad input, limits and the faults of the stack that users run today which belong to rendering.
namespace fadeout::audio {
namespace {

using namespace testing;

constexpr Format all_formats[] = {Format::mp3, Format::m4a, Format::opus, Format::flac, Format::wav};

template <class Work>
Error error_of(Work&& work) {
    try {
        work();
    } catch (const Error& error) {
        return error;
    }
    ADD_FAILURE() << "no Error was thrown";
    return {ErrorKind::internal, ""};
}

Error render_error(const FileBytes& input, const Limits& limits = {}, const RenderPlan& plan = {}) {
    return error_of([&] { render_all(input, plan, limits); });
}

FileBytes bytes_of(std::string_view text) {
    FileBytes out;
    put(out, text);
    return out;
}

TEST(Faults, F12_PlaylistsOpenNothing) {
    char path[] = "/tmp/fadeout-render-XXXXXX";
    const int file = mkstemp(path);
    ASSERT_GE(file, 0);
    const FileBytes secret = tone_wav(44100);
    ASSERT_EQ(write(file, secret.data(), secret.size()), static_cast<ssize_t>(secret.size()));
    close(file);
    const std::string name = path;
    const std::string texts[] = {
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile://" + name + "\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n" + name + "\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile " + name + "\n",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
        "<?xml version=\"1.0\"?><MPD><Period><BaseURL>file://" + name + "</BaseURL></Period></MPD>",
    };
    for (const std::string& text : texts) {
        EXPECT_EQ(render_error(bytes_of(text)).kind(), ErrorKind::unprocessable) << text;
    }
    unlink(path);
}

TEST(Faults, F14_EveryFormatIsWhatItsNameSays) {
    const FileBytes input = tone_wav(44100);
    EXPECT_EQ(text_at(render_to(Format::wav, input), 0, 4), "RIFF");
    EXPECT_EQ(text_at(render_to(Format::flac, input), 0, 4), "fLaC");
    EXPECT_EQ(text_at(render_to(Format::opus, input), 0, 4), "OggS");
    EXPECT_EQ(text_at(render_to(Format::m4a, input), 4, 4), "ftyp");
    const char* const codecs[] = {"mp3", "aac", "opus", "flac", "pcm_s16le"};
    for (std::size_t i = 0; i < std::size(all_formats); ++i) {
        EXPECT_EQ(decode_all(render_to(all_formats[i], input)).info.codec, codecs[i]);
    }
}

TEST(Faults, F15_CutOffInputIsRefused) {
    const FileBytes input = tone_wav(44100 * 4);
    for (const Format format : all_formats) {
        const FileBytes whole = render_to(format, input);
        for (const double share : {0.3, 0.6, 0.9, 0.97}) {
            const Error error = render_error(first_part(whole, share));
            EXPECT_EQ(error.kind(), ErrorKind::unprocessable) << name(format) << " " << share << error.what();
        }
    }
}

TEST(Faults, F15_CutOffStreamsAreRefusedWhereTheyPromiseALength) {
    const FileBytes input = tone_wav(44100 * 4);
    for (const Format format : {Format::m4a, Format::opus, Format::flac, Format::wav}) {
        StreamSource stream(first_part(render_to(format, input), 0.6));
        MemorySink sink;
        const Error error = error_of([&] { render(stream, sink, {}, {}, {}, {}); });
        EXPECT_EQ(error.kind(), ErrorKind::unprocessable) << name(format);
    }
}

/// Some changed bytes, in one place at a time: what is damaged is either refused, or comes out in full
/// length. Formats with checksums also report it.
TEST(Faults, F15_DamageNeverShortensTheResultUnnoticed) {
    const double seconds = 6;
    const FileBytes input = tone_wav(44100 * 6);
    for (const Format format : {Format::mp3, Format::m4a, Format::flac, Format::opus}) {
        const FileBytes whole = render_to(format, input);
        std::size_t reported = 0;
        constexpr std::size_t rounds = 12;
        for (std::size_t round = 1; round <= rounds; ++round) {
            FileBytes damaged = whole;
            const std::size_t start = whole.size() * round / (rounds + 2);
            for (std::size_t i = 0; i < 4; ++i) damaged[start + 9 * i] ^= std::byte{0x5A};
            try {
                StreamSource stream(damaged);
                const Decoded decoded = decode_all(stream);
                EXPECT_NEAR(decoded.info.duration_s, seconds, 0.1) << name(format) << " " << round;
                reported += !decoded.warnings.empty();
            } catch (const Error& error) {
                EXPECT_EQ(error.kind(), ErrorKind::unprocessable);
                ++reported;
            }
        }
        if (format == Format::flac || format == Format::opus) {
            EXPECT_EQ(reported, rounds) << name(format);
        }
    }
}

/// A damaged packet becomes silence, with a warning, and what follows stays in its place.
TEST(Faults, F15_DamageThatIsDecodedOverIsReported) {
    const FileBytes input = tone_wav(44100 * 6);
    FileBytes damaged = render_to(Format::m4a, input);
    const std::size_t middle = damaged.size() / 2;
    for (std::size_t i = 0; i < 60; ++i) damaged[middle + 3 * i] ^= std::byte{0x5A};
    const Rendered out = render_all(damaged, {});
    ASSERT_EQ(out.result.warnings.size(), 1u);
    EXPECT_NE(out.result.warnings[0].find("replaced by silence"), std::string::npos);
    EXPECT_EQ(decode_all(out.bytes).frames(), 44100u * 6);
}

TEST(Faults, F15_AnEstimateIsNoPromise) {
    WindowSink stream(0);  // without a Xing frame
    MemorySource source(tone_wav(44100 * 2));
    render(source, stream, {}, {}, {}, {});
    FileBytes mp3 = stream.data();
    mp3.resize(mp3.size() * 7 / 10);
    EXPECT_NEAR(render_all(mp3, {}).result.output.duration_s, 1.4, 0.1);
}

/// An MP3 whose ID3v2.3 tag holds texts and a picture. The picture is a PNG header followed by anything.
FileBytes with_id3(const FileBytes& mp3, const FileBytes& picture) {
    FileBytes frames;
    const auto frame = [&](std::string_view id, const FileBytes& body) {
        put(frames, id);
        for (int shift = 24; shift >= 0; shift -= 8) put(frames, body.size() >> shift & 0xFF, 1);
        put(frames, 0, 2);
        frames.insert(frames.end(), body.begin(), body.end());
    };
    frame("TIT2", bytes_of(std::string_view("\0A title", 8)));
    frame("TPE1", bytes_of(std::string_view("\0An artist", 10)));
    frame("TALB", bytes_of(std::string_view("\0An album", 9)));
    FileBytes apic = bytes_of(std::string_view("\0image/png\0\3\0", 13));
    apic.insert(apic.end(), picture.begin(), picture.end());
    frame("APIC", apic);
    FileBytes out = bytes_of(std::string_view("ID3\3\0\0", 6));
    for (int shift = 21; shift >= 0; shift -= 7) put(out, frames.size() >> shift & 0x7F, 1);
    out.insert(out.end(), frames.begin(), frames.end());
    out.insert(out.end(), mp3.begin(), mp3.end());
    return out;
}

FileBytes png_like(std::size_t size) {
    FileBytes picture =
        bytes_of(std::string_view("\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\0\x40\0\0\0\x30\x08\2\0\0\0", 29));
    std::mt19937 random(3);
    while (picture.size() < size) put(picture, random(), 1);
    return picture;
}

std::string tag(const Tags& tags, std::string_view key) {
    const auto found = std::ranges::find(tags, key, &Tags::value_type::first);
    return found == tags.end() ? "" : found->second;
}

TEST(Faults, F16_CoverArtIsCopiedNotEncoded) {
    const FileBytes picture = png_like(5000);
    const FileBytes source = with_id3(render_to(Format::mp3, tone_wav(44100)), picture);
    for (const Format format : {Format::mp3, Format::m4a, Format::flac}) {
        const FileBytes out = render_to(format, source);
        MemorySource again(out);
        Decoder decoder(again, {});
        ASSERT_NE(decoder.cover(), nullptr) << name(format);
        EXPECT_EQ(decoder.cover()->data, picture) << name(format);
        EXPECT_EQ(decoder.cover()->mime_type, "image/png");
        EXPECT_EQ(decode_all(out).frames(), 44100u);
    }
    EXPECT_EQ(decode_all(render_to(Format::wav, source)).frames(), 44100u);
}

TEST(Render, KeepsTags) {
    const FileBytes source = with_id3(render_to(Format::mp3, tone_wav(44100)), png_like(100));
    for (const Format format : all_formats) {
        MemorySource again(render_to(format, source));
        const Decoder decoder(again, {});
        EXPECT_EQ(tag(decoder.tags(), "title"), "A title") << name(format);
        EXPECT_EQ(tag(decoder.tags(), "artist"), "An artist") << name(format);
        EXPECT_EQ(tag(decoder.tags(), "album"), "An album") << name(format);
    }
}

TEST(Render, LeavesAnOversizedCoverOut) {
    const FileBytes source = with_id3(render_to(Format::mp3, tone_wav(44100)), png_like(5 << 20));
    const Rendered out = render_all(source, {});
    ASSERT_EQ(out.result.warnings.size(), 1u);
    EXPECT_NE(out.result.warnings[0].find("4 MiB"), std::string::npos);
    EXPECT_LT(out.bytes.size(), 100'000u);
}

TEST(Render, LeavesACoverOutThatWouldPushTheHeaderBeyondTheWindow) {
    MemorySource source(with_id3(render_to(Format::mp3, tone_wav(44100)), png_like(200 << 10)));
    WindowSink sink(100 << 10);
    const RenderResult result = render(source, sink, {}, {}, {}, {});
    EXPECT_EQ(result.warnings.size(), 1u);
    EXPECT_EQ(decode_all(sink.data()).frames(), 44100u);
}

TEST(Faults, F17_BetweenBurstsEveryBitStays) {
    for (const int channels : {1, 2}) {
        const Shape shape{44100, channels, 16};
        const std::vector<std::int32_t> samples = tones(44100 * 3, shape);
        RenderPlan plan;
        plan.format = Format::wav;
        plan.watermark = Watermark{WatermarkType::periodic_tone, 1000, 0.1, 0.25, 1.0};
        const Decoded marked = decode_all(render_all(wav(samples, shape), plan).bytes);
        const Decoded plain = decode_all(wav(samples, shape));
        for (std::size_t channel = 0; channel < plain.channels.size(); ++channel) {
            double added = 0;
            for (std::size_t i = 0; i < plain.frames(); ++i) {
                const float difference = marked.channels[channel][i] - plain.channels[channel][i];
                const bool inside = i % 44100 < 44100 / 4;
                ASSERT_TRUE(inside || difference == 0) << i;
                added += difference * difference;
            }
            EXPECT_GT(added, 10);
        }
    }
}

TEST(BadInput, IsRefusedWithAReason) {
    std::mt19937 random(1);
    FileBytes noise;
    for (int i = 0; i < 50'000; ++i) put(noise, random(), 1);
    EXPECT_EQ(render_error({}).kind(), ErrorKind::unprocessable);
    EXPECT_EQ(render_error(noise).kind(), ErrorKind::unprocessable);
    EXPECT_EQ(render_error(bytes_of("Hello, this is a text.\n")).kind(), ErrorKind::unprocessable);
    EXPECT_EQ(render_error(png_like(3000)).kind(), ErrorKind::unprocessable);
    EXPECT_EQ(render_error(wav({}, {})).kind(), ErrorKind::unprocessable);
    const std::string message = render_error(noise).what();
    EXPECT_NE(message.find("Send mp3"), std::string::npos) << message;
}

TEST(Limits, AreTooLarge) {
    const FileBytes input = tone_wav(44100 * 2);
    Limits limits;
    limits.input_bytes = input.size();
    EXPECT_NO_THROW(render_all(input, {}, limits));
    limits.input_bytes = input.size() - 1;
    EXPECT_EQ(render_error(input, limits).kind(), ErrorKind::too_large);
    StreamSource stream(input);
    EXPECT_EQ(error_of([&] { decode_all(stream, limits); }).kind(), ErrorKind::too_large);

    Limits brief;
    brief.duration = std::chrono::milliseconds(1900);
    EXPECT_EQ(render_error(input, brief).kind(), ErrorKind::too_large);
    WindowSink unlabelled(0);
    MemorySource source(input);
    render(source, unlabelled, {}, {}, {}, {});
    EXPECT_EQ(render_error(unlabelled.data(), brief).kind(), ErrorKind::too_large);  // found while decoding
}

TEST(Limits, BombsAreCutOff) {
    const FileBytes bomb =
        render_to(Format::flac, wav(std::vector<std::int32_t>(8 * 480'000), {48000, 8, 16}));
    EXPECT_LT(bomb.size(), 20'000u);
    Limits limits;
    limits.decoded_bytes = 4 << 20;
    EXPECT_EQ(render_error(bomb, limits).kind(), ErrorKind::too_large);
}

class BrokenSource final : public ByteSource {
  public:
    BrokenSource(FileBytes bytes, std::uint64_t breaks_at)
        : bytes_(std::move(bytes)), breaks_at_(breaks_at) {}
    std::optional<std::uint64_t> size() const override { return bytes_.size(); }
    std::size_t read_at(std::uint64_t offset, std::span<std::byte> out) override {
        if (offset + out.size() > breaks_at_) throw Error(ErrorKind::bad_source, "The source broke off.");
        return bytes_.read_at(offset, out);
    }

  private:
    MemorySource bytes_;
    std::uint64_t breaks_at_;
};

class FullSink final : public ByteSink {
  public:
    void write(Bytes) override { throw Error(ErrorKind::storage_full, "No space is left."); }
    void patch(std::uint64_t, Bytes) override {}
    std::uint64_t patchable_bytes() const override { return UINT64_MAX; }
};

TEST(Failures, OfSourceAndSinkComeThroughUnchanged) {
    for (const Format format : all_formats) {
        FileBytes input = tone_wav(44100 * 10);
        BrokenSource broken(render_to(format, input), 0);
        MemorySink memory;
        EXPECT_EQ(error_of([&] { render(broken, memory, {}, {}, {}, {}); }).kind(), ErrorKind::bad_source);
        RenderPlan plan;
        plan.format = format;
        MemorySource source(input);
        FullSink full;
        EXPECT_EQ(error_of([&] { render(source, full, plan, {}, {}, {}); }).kind(), ErrorKind::storage_full);
    }
    BrokenSource midway(tone_wav(44100 * 10), 1'000'000);
    MemorySink memory;
    EXPECT_EQ(error_of([&] { render(midway, memory, {}, {}, {}, {}); }).kind(), ErrorKind::bad_source);
}

/// Whatever bytes come, the answer is audio or an Error.
TEST(Mutations, NeverCrash) {
    std::mt19937 random(11);
    Limits limits;
    limits.duration = std::chrono::seconds(60);
    for (const Format format : all_formats) {
        const FileBytes whole = render_to(format, tone_wav(20'000));
        for (int round = 0; round < 60; ++round) {
            FileBytes mutated = whole;
            const auto edits = 1 + random() % 20;
            for (std::size_t i = 0; i < edits; ++i) {
                const std::size_t reach =
                    random() % 2 ? mutated.size() : std::min<std::size_t>(mutated.size(), 600);
                mutated[random() % reach] = static_cast<std::byte>(random());
            }
            try {
                decode_all(mutated, limits);
            } catch (const Error& error) {
                EXPECT_NE(error.kind(), ErrorKind::internal) << error.what();
            }
        }
    }
}

}  // namespace
}  // namespace fadeout::audio
