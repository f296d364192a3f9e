#include <gtest/gtest.h>

#include <random>

#include "base/test_folder.h"
#include "http/test_server.h"
#include "storage/disk/disk_store.h"

namespace fadeout::http {
namespace {

using storage::LinkMethod;

std::string noise(std::size_t bytes) {
    std::mt19937 random(3);
    std::string text(bytes, '\0');
    for (char& c : text) c = static_cast<char>(random());
    return text;
}

/// Objects in files, which are sent by sendfile, and in memory, which are read and written.
class ServerObjects : public testing::TestWithParam<bool> {
  protected:
    std::unique_ptr<storage::ObjectStore> make_store() {
        if (!GetParam()) return nullptr;
        return std::make_unique<storage::DiskStore>(
            storage::DiskOptions{folder.file("objects"), "media", TestServices::public_url,
                                 TestServices::credentials(), "us-east-1"},
            clock);
    }
    std::string get_link(std::string_view key) { return services.link(LinkMethod::get, key); }
    std::string put_link(std::string_view key) { return services.link(LinkMethod::put, key); }

    TestFolder folder;
    SystemClock clock;
    TestServices services{make_store()};
    TestServer server{services};
    Client client{server.port()};
};

INSTANTIATE_TEST_SUITE_P(Stores, ServerObjects, testing::Bool(),
                         [](const auto& parameter) { return parameter.param ? "disk" : "memory"; });

TEST_P(ServerObjects, AreSentWhole) {
    const std::string bytes = noise(3'000'000);
    services.put("pitches/7/song.mp3", bytes);
    const std::string link = get_link("pitches/7/song.mp3");
    for (int i = 0; i < 2; ++i) {
        const Answer answer = client.ask("GET", link);
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.header("Content-Type"), "audio/mpeg");
        EXPECT_EQ(answer.header("X-Content-Type-Options"), "nosniff");
        EXPECT_EQ(answer.header("Accept-Ranges"), "bytes");
        EXPECT_FALSE(answer.header("Last-Modified").empty());
        EXPECT_TRUE(answer.body == bytes);
    }
    const Answer head = client.ask("HEAD", link);
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.header("Content-Length"), "3000000");
    services.put("empty.mp3", "");
    EXPECT_EQ(client.ask("GET", get_link("empty.mp3")).header("Content-Length"), "0");
}

TEST_P(ServerObjects, ReachASlowReaderWhole) {
    const std::string bytes = noise(6'000'000);
    services.put("song.wav", bytes);
    Client slow(server.port(), 4096);
    EXPECT_TRUE(slow.ask("GET", get_link("song.wav")).body == bytes);
}

TEST_P(ServerObjects, SurviveReadersThatLeave) {
    services.put("song.wav", noise(6'000'000));
    for (int i = 0; i < 3; ++i) {
        Client leaving(server.port(), 4096);
        leaving.request("GET", get_link("song.wav"));
        EXPECT_EQ(leaving.read_line(), "HTTP/1.1 200 OK");
    }
    EXPECT_EQ(client.ask("GET", "/healthz").status, 200);
}

TEST_P(ServerObjects, AnswerRanges) {
    services.put("a.wav", "0123456789");
    const std::string link = get_link("a.wav");
    const Answer part = client.ask("GET", link, {}, {{"Range", "bytes=2-4"}});
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(part.body, "234");
    EXPECT_EQ(part.header("Content-Range"), "bytes 2-4/10");
    EXPECT_EQ(client.ask("GET", link, {}, {{"Range", "bytes=-3"}}).body, "789");
    EXPECT_EQ(client.ask("GET", link, {}, {{"Range", "bytes=8-"}}).body, "89");
    const Answer beyond = client.ask("GET", link, {}, {{"Range", "bytes=10-"}});
    EXPECT_EQ(beyond.status, 416);
    EXPECT_EQ(beyond.header("Content-Range"), "bytes */10");
    EXPECT_EQ(client.ask("GET", link, {}, {{"Range", "bytes=0-1,3-4"}}).status, 200);
    EXPECT_EQ(client.ask("HEAD", link, {}, {{"Range", "bytes=2-4"}}).header("Content-Length"), "10");
    const std::string etag = part.header("ETag");
    EXPECT_EQ(client.ask("GET", link, {}, {{"Range", "bytes=2-4"}, {"If-Range", etag}}).status, 206);
    EXPECT_EQ(client.ask("GET", link, {}, {{"Range", "bytes=2-4"}, {"If-Range", "\"old\""}}).body,
              "0123456789");
}

TEST_P(ServerObjects, AreNotSentAgainToWhomHasThem) {
    services.put("a.wav", "0123456789");
    const std::string link = get_link("a.wav");
    const std::string etag = client.ask("HEAD", link).header("ETag");
    const Answer same = client.ask("GET", link, {}, {{"If-None-Match", etag}});
    EXPECT_EQ(same.status, 304);
    EXPECT_EQ(same.header("ETag"), etag);
    EXPECT_EQ(client.ask("GET", link, {}, {{"If-None-Match", "\"other\""}}).status, 200);
}

TEST_P(ServerObjects, AreReachedByGoodLinksOnly) {
    services.put("a.wav", "0123456789");
    const std::string link = get_link("a.wav");
    const auto refused = [&](std::string_view method, const std::string& target, std::string_view body = {}) {
        const Answer answer = client.ask(method, target, body);
        EXPECT_EQ(answer.status, 403) << method << " " << target;
        if (method != "HEAD") {
            EXPECT_EQ(answer.header("Content-Type"), "application/xml");
            EXPECT_NE(answer.body.find("<Error><Code>"), std::string::npos) << answer.body;
        }
    };
    std::string changed = link;
    changed.back() = changed.back() == '0' ? '1' : '0';
    refused("GET", changed);
    refused("HEAD", changed);
    refused("PUT", link, "overwritten");
    refused("GET", link + "&x=1");
    refused("GET", link.substr(0, link.find('?')));
    std::string other = link;
    other.replace(other.find("a.wav"), 5, "b.wav");
    refused("GET", other);
    EXPECT_EQ(services.get("a.wav"), "0123456789");
}

TEST_P(ServerObjects, AreReachedByLinksThatAreSignedAnew) {
    services.put("pitches/7/song.mp3", "music");
    const std::string url = services.resigned_links.make(storage::Key::parse("pitches/7/song.mp3"),
                                                         std::chrono::minutes(1), {"", "my song.mp3"});
    const std::string link = url.substr(std::string_view(TestServices::public_url).size());
    for (const char* method : {"GET", "HEAD"}) {
        const Answer sent_on = client.ask(method, link);
        EXPECT_EQ(sent_on.status, 307);
        EXPECT_EQ(sent_on.header("Cache-Control"), "no-store");
        const std::string location(sent_on.header("Location"));
        ASSERT_TRUE(location.starts_with(TestServices::public_url)) << location;
        const Answer answer =
            client.ask(method, location.substr(std::string_view(TestServices::public_url).size()));
        EXPECT_EQ(answer.status, 200);
        EXPECT_NE(answer.header("Content-Disposition").find("my song.mp3"), std::string::npos);
    }
    EXPECT_EQ(client.ask("GET", link + "A").status, 403);
    EXPECT_EQ(client.ask("GET", "/l/x").status, 403);
    EXPECT_EQ(client.ask("GET", link + "?x=1").status, 403);
    EXPECT_EQ(client.ask("PUT", link, "other").status, 405);
}

TEST_P(ServerObjects, ThatAreMissingAre404) {
    const Answer answer = client.ask("GET", get_link("none.wav"));
    EXPECT_EQ(answer.status, 404);
    EXPECT_NE(answer.body.find("<Code>NoSuchKey</Code>"), std::string::npos);
}

TEST_P(ServerObjects, CarryTheNameThatTheLinkGives) {
    services.put("a.wav", "0123456789");
    const std::string link =
        services.link(LinkMethod::get, "a.wav", {.content_type = {}, .download_filename = "my song.wav"});
    EXPECT_TRUE(client.ask("GET", link)
                    .header("Content-Disposition")
                    .starts_with("attachment; filename=\"my song.wav\""));
}

TEST_P(ServerObjects, AreUploaded) {
    const std::string bytes = noise(1'000'000);
    const Answer stored = client.ask("PUT", put_link("up/a.wav"), bytes, {{"Content-Type", "audio/x-test"}});
    EXPECT_EQ(stored.status, 200) << stored.body;
    EXPECT_TRUE(services.get("up/a.wav") == bytes);
    const Answer head = client.ask("HEAD", get_link("up/a.wav"));
    EXPECT_EQ(head.header("ETag"), stored.header("ETag"));
    EXPECT_EQ(head.header("Content-Type"), "audio/x-test");

    client.send("PUT " + put_link("up/b.wav") +
                " HTTP/1.1\r\nHost: media.test\r\nTransfer-Encoding: chunked\r\n\r\n");
    client.send("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n");
    EXPECT_EQ(client.read().status, 200);
    EXPECT_EQ(services.get("up/b.wav"), "hello world");
    EXPECT_EQ(client.ask("PUT", put_link("up/c.wav"), {}, {{"Content-Length", "0"}}).status, 200)
        << "an empty file";
}

TEST_P(ServerObjects, LeaveNothingWhenAnUploadBreaksOff) {
    {
        Client broken(server.port());
        broken.send("PUT " + put_link("up/a.wav") +
                    " HTTP/1.1\r\nHost: media.test\r\nContent-Length: 2000000\r\n\r\n" + noise(1'000'000));
    }
    server.stop();
    EXPECT_TRUE(services.store->list("", {}, 10).objects.empty());
    EXPECT_EQ(services.store->remove_unfinished(services.clock.now() + std::chrono::hours(1)), 0U)
        << "nor anything half-written";
}

TEST_P(ServerObjects, AreRefusedWhenTooLarge) {
    Client announced(server.port());
    announced.send("PUT " + put_link("a.wav") +
                   " HTTP/1.1\r\nHost: media.test\r\nContent-Length: 9000000\r\n\r\n");
    const Answer answer = announced.read();
    EXPECT_EQ(answer.status, 413);
    EXPECT_NE(answer.body.find("<Code>EntityTooLarge</Code>"), std::string::npos);
    Client chunked(server.port());
    chunked.send("PUT " + put_link("a.wav") +
                 " HTTP/1.1\r\nHost: media.test\r\nTransfer-Encoding: chunked\r\n\r\n900000\r\n" +
                 noise(0x900000));
    EXPECT_EQ(chunked.read().status, 413);
    EXPECT_EQ(client.ask("PUT", put_link("a.wav")).status, 411);
    EXPECT_EQ(client.ask("PUT", put_link("a.wav"), "x", {{"Content-Encoding", "aws-chunked"}}).status, 415);
    EXPECT_EQ(services.get("a.wav"), "");
}

TEST_P(ServerObjects, AreNotWrittenByABadLink) {
    client.request("PUT", put_link("a.wav") + "0", "bytes");
    EXPECT_EQ(client.read().status, 403);
    EXPECT_EQ(services.get("a.wav"), "");
}

}  // namespace
}  // namespace fadeout::http
