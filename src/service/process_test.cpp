#include "service/process.h"

#include <gtest/gtest.h>

#include "audio/wav_writer.h"
#include "net/test_server.h"
#include "storage/memory/memory_store.h"

namespace fadeout::service {
namespace {

TEST(ProcessNames, TellWhatIsNeverAudio) {
    EXPECT_EQ(extension_of("Song.WAV"), "wav");
    EXPECT_EQ(extension_of("a.tar.gz"), "gz");
    for (const char* name : {"song", ".wav", "", "song."}) EXPECT_EQ(extension_of(name), "") << name;
    for (const char* word : {"png", "pdf", "zip", "m3u8"}) EXPECT_TRUE(is_never_audio(word)) << word;
    for (const char* word : {"wav", "mp3", "mp4", "bin", "php", "ac3", ""})
        EXPECT_FALSE(is_never_audio(word)) << word;
}

class ProcessTest : public ::testing::Test {
  protected:
    ProcessTest() {
        audio::WavWriter wav(wav_, 44'100, 1);
        wav.write(std::vector<std::int16_t>(44'100));
        wav.finish();
    }
    std::string refusal(const std::string& source) const {
        try {
            process_.parse({{"source", source}, {"pitch_id", "7"}});
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::invalid) << source;
            return error.what();
        }
        return "accepted";
    }
    ProcessResult run(const std::string& path) {
        return process_.run(process_.parse({{"source", server_.url(path)}, {"pitch_id", "7"}}), [](double) {},
                            {});
    }

    ManualClock clock_{from_unix_seconds(1'795'187'411)};
    storage::MemoryStore objects_{clock_};
    Sources sources_{
        objects_, clock_, {"memory", "memory", {}}, "http://localhost", net::AddressPolicy({"127.0.0.1"}),
        {}};
    Transcode transcode_{objects_, sources_, clock_, {}};
    Process process_{objects_, transcode_, nullptr, clock_, [](Severity, const std::string&) {}};
    MemorySink wav_;
    net::TestServer server_{[this](const net::TestRequest&) {
        const auto& bytes = wav_.data();
        return net::whole({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    }};
};

TEST_F(ProcessTest, ASourceIsAKeyOrAWebUrl) {
    for (const char* source : {"mailto:x", "mailto:x.pdf", "data:audio/wav,x", "file:///etc/passwd",
                               "ftp://h/a.wav", "http:/h/a.wav", "http:", "C:\\x.wav"})
        EXPECT_EQ(refusal(source), "source must be a key of the store, or an http:// or https:// URL")
            << source;
    for (const char* source : {"pitches/7/song.wav", "pitches/7/take 1: loud.wav", "HTTPS://h/a.wav"})
        EXPECT_EQ(refusal(source), "accepted") << source;
}

TEST_F(ProcessTest, TheOriginalsFormatIsAnAudioExtensionElseTheCodec) {
    EXPECT_EQ(run("/song.WAV?take=1.php").original_format, "wav");
    for (const char* path : {"/download.php?id=3", "/song", "/v1.2"}) {
        EXPECT_EQ(run(path).original_format, "pcm_s16le") << path;
        const ProcessResult again = run(path);
        EXPECT_TRUE(again.reused);
        EXPECT_EQ(again.original_format, "pcm_s16le") << path;
    }
}

}  // namespace
}  // namespace fadeout::service
