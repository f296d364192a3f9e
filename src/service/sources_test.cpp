#include "service/sources.h"

#include <gtest/gtest.h>

#include <array>
#include <functional>

#include "audio/render.h"
#include "cleanup/test_stores.h"
#include "net/test_server.h"
#include "storage/memory/memory_store.h"

namespace fadeout::service {
namespace {

using storage::Key;

const aws::Credentials credentials{"FADEKEY", "s3cr3t", {}};
const std::string public_url = "https://audio.example.org/below";

class SourcesTest : public testing::Test {
  protected:
    storage::ObjectInfo put(const std::string& key, std::string_view content) {
        const auto writer = store_.create(Key::parse(key), {});
        writer->write(as_bytes(content));
        return writer->commit();
    }
    std::string link(const std::string& key, storage::LinkMethod method = storage::LinkMethod::get) {
        return store_.presign(method, Key::parse(key), std::chrono::seconds(60), {});
    }
    Error error_of(const std::string& file_url) {
        try {
            sources_.open(file_url, {});
        } catch (const Error& error) {
            return error;
        }
        ADD_FAILURE() << "opened " << file_url;
        return Error(ErrorKind::internal, "");
    }
    static std::string read(const OpenSource& source) {
        std::array<char, 64> buffer{};
        const std::size_t n = source.bytes->read_at(0, std::as_writable_bytes(std::span(buffer)));
        return {buffer.data(), n};
    }

    ManualClock clock_{Time(std::chrono::sys_days(std::chrono::year(2026) / 11 / 20))};
    storage::MemoryStore store_{clock_, {"audio", public_url, credentials, "eu-1"}};
    Sources sources_{store_, clock_, credentials, public_url, net::AddressPolicy{}, {}, "eu-1"};
};

TEST_F(SourcesTest, OpensAKeyOfTheStore) {
    const auto info = put("pitches/7/söng.wav", "bytes");
    const OpenSource source = sources_.open("pitches/7/söng.wav", {});
    EXPECT_EQ(read(source), "bytes");
    EXPECT_EQ(source.identity, "key:pitches/7/söng.wav:" + info.etag);
    EXPECT_EQ(source.name, "söng.wav");
    EXPECT_EQ(source.modified, info.modified);
    put("pitches/7/söng.wav", "other");
    EXPECT_NE(sources_.open("pitches/7/söng.wav", {}).identity, source.identity)
        << "other bytes, other source";
    EXPECT_EQ(error_of("pitches/7/none.wav").kind(), ErrorKind::not_found);
}

TEST_F(SourcesTest, ReadsItsOwnLinksDirectly) {
    put("a/b c.wav", "bytes");
    const OpenSource source = sources_.open(link("a/b c.wav"), {});
    EXPECT_EQ(read(source), "bytes");
    EXPECT_EQ(source.identity, sources_.open("a/b c.wav", {}).identity) << "one source, by whatever name";
    std::string spelled = link("a/b c.wav");
    spelled.replace(0, spelled.find("/below"), "HTTPS://Audio.Example.Org:443");
    EXPECT_EQ(read(sources_.open(spelled + "#t=10", {})), "bytes");
}

TEST_F(SourcesTest, ReadsALinkThatWouldSendItOn) {
    put("a/b c.wav", "bytes");
    const ResignedLinks links(public_url, credentials, clock_);
    const std::string url = links.make(Key::parse("a/b c.wav"), std::chrono::seconds(60), {});
    EXPECT_EQ(sources_.open(url, {}).identity, sources_.open("a/b c.wav", {}).identity);
    EXPECT_EQ(error_of(url + "A").kind(), ErrorKind::denied);
    clock_.advance(std::chrono::seconds(60));
    EXPECT_EQ(error_of(url).kind(), ErrorKind::denied);
}

TEST_F(SourcesTest, RefusesBadOwnLinks) {
    put("a", "bytes");
    std::string changed = link("a");
    changed.back() = changed.back() == '0' ? '1' : '0';
    EXPECT_EQ(error_of(changed).kind(), ErrorKind::denied);
    EXPECT_EQ(error_of(link("a", storage::LinkMethod::put)).kind(), ErrorKind::denied);
    EXPECT_EQ(error_of(public_url + "/objects/audio/a").kind(), ErrorKind::denied);
    storage::MemoryStore other(clock_, {"other", public_url, credentials, "eu-1"});
    EXPECT_EQ(error_of(other.presign(storage::LinkMethod::get, Key::parse("a"), std::chrono::seconds(60), {}))
                  .kind(),
              ErrorKind::denied);
    const std::string url = link("a");
    EXPECT_EQ(error_of(link("gone")).kind(), ErrorKind::not_found);
    clock_.advance(std::chrono::seconds(60));
    EXPECT_EQ(error_of(url).kind(), ErrorKind::denied);
}

/// A store that knows a second URL for its objects, as S3 does.
class ElsewhereStore final : public cleanup::FaultyStore {
  public:
    using FaultyStore::FaultyStore;
    std::optional<Key> key_in(std::string_view url) const override {
        return storage::key_below(storage::PublicUrl::parse("http://s3.internal:7480/audio"), url);
    }
};

TEST_F(SourcesTest, ReadsItsOwnBucketWithoutTheNetwork) {
    put("a/b c.wav", "bytes");
    ElsewhereStore elsewhere(store_);
    const Sources sources(elsewhere, clock_, credentials, public_url, net::AddressPolicy{}, {}, "eu-1");
    const OpenSource source = sources.open("http://s3.internal:7480/audio/a/b%20c.wav?X-Amz-Signature=1", {});
    EXPECT_EQ(read(source), "bytes");
    EXPECT_EQ(source.identity, sources.open("a/b c.wav", {}).identity);
    EXPECT_EQ(source.object->info.key, Key::parse("a/b c.wav"));
    EXPECT_THROW(sources.open("http://s3.internal:7480/audio/none", {}), Error);
}

TEST_F(SourcesTest, AnotherHostIsNoOwnLink) {
    put("a", "bytes");
    for (const std::string host : {"https://127.0.0.1:1", "http://localhost:1"}) {
        std::string url = link("a");
        url.replace(0, url.find("/below"), host);
        EXPECT_NE(error_of(url).kind(), ErrorKind::internal)
            << "went to the network, where the policy refuses it";
    }
}

TEST_F(SourcesTest, AStopEndsTheReadingAndIsToldAsSuch) {
    const net::TestServer server([](const net::TestRequest&) {
        return net::TestAnswer{"200 OK", {"Content-Length: 9000"}, "RIFF\x20\x23", true};
    });
    const Sources sources(store_, clock_, credentials, public_url, net::AddressPolicy({"127.0.0.1"}),
                          {.stall = std::chrono::seconds(2)});
    std::stop_source stop;
    const OpenSource source = sources.open(server.url("/song.wav"), stop.get_token());
    stop.request_stop();
    try {
        audio::probe(*source.bytes, {});
        FAIL() << "was read";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::cancelled) << error.what();
    }
}

TEST(WithoutSignature, TakesOffWhatSignsALink) {
    const std::string plain = "https://h/a.wav";
    EXPECT_EQ(without_signature(plain), plain);
    EXPECT_EQ(without_signature(plain + "?X-Amz-Date=1&X-Amz-Expires=2&x-amz-signature=3&v=4#t"),
              plain + "?v=4");
    EXPECT_EQ(without_signature(plain + "?AWSAccessKeyId=1&Signature=2&Expires=3"), plain);
    EXPECT_EQ(without_signature(plain + "?Policy=1&Key-Pair-Id=2&Signature=3"), plain);
    EXPECT_EQ(without_signature(plain + "?sv=1&sr=b&se=2&sp=r&sig=3"), plain);
    EXPECT_EQ(without_signature(plain + "?X-Goog-Algorithm=1&X-Goog-Signature=2"), plain);
    EXPECT_EQ(without_signature(plain + "?X-Amz-Signature=3&response-content-type=x"),
              plain + "?response-content-type=x");
}

TEST(WithoutSignature, KeepsWhatMayTellTwoSourcesApart) {
    for (const std::string url :
         {"https://h/get?token=1", "https://h/get?id=1&expires=2", "https://h/get?se=1&sp=2",
          "https://h/get?policy=1", "https://h/get?x-amz-meta=1", "https://h/get?a&b=1"})
        EXPECT_EQ(without_signature(url), url);
}

TEST_F(SourcesTest, F11_OnlyHttpAndKeysAreRead) {
    for (const std::string url :
         {"file:///etc/passwd", "FILE:/etc/passwd", "concat:a|b", "data:audio/wav;base64,AA==", "ftp://h/a",
          "s3://bucket/a", "/etc/passwd", "../../etc/passwd", "a/../b", "", ".unfinished/x", "a.fadeout-meta",
          "http", "http:/x", "pipe:0", "C:\\x.wav"}) {
        const Error error = error_of(url);
        EXPECT_TRUE(error.kind() == ErrorKind::invalid || error.kind() == ErrorKind::not_found)
            << url << error.what();
        EXPECT_EQ(std::string_view(error.what()).find("passwd"), std::string_view::npos);
    }
    EXPECT_EQ(error_of("http://127.0.0.1:1/a").kind(), ErrorKind::denied);
}

TEST_F(SourcesTest, F22_ErrorsDoNotRepeatALink) {
    put("a", "bytes");
    const std::string url = link("a");
    const std::string signature = url.substr(url.rfind('=') + 1);
    clock_.advance(std::chrono::hours(1));
    for (const std::string& bad : {url, "http://127.0.0.1:1/x" + url.substr(url.find('?'))}) {
        const Error error = error_of(bad);
        EXPECT_EQ((error.what() + error.detail()).find(signature), std::string::npos)
            << error.what() << error.detail();
    }
}

}  // namespace
}  // namespace fadeout::service
