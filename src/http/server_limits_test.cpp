#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "http/test_server.h"

namespace fadeout::http {
namespace {

const std::string waiting_text = R"({"text": "wait"})";

TEST(ServerLimits, ASlowHeaderIsA408) {
    TestServices services;
    ServerOptions options;
    options.limits.header = Duration(50);
    TestServer server(services, options);
    Client client(server.port());
    client.send("GET /healthz HT");
    EXPECT_EQ(client.read().status, 408);
    EXPECT_TRUE(client.is_closed_by_server());
    Client silent(server.port());
    EXPECT_TRUE(silent.is_closed_by_server()) << "without a word";
}

TEST(ServerLimits, AnIdleConnectionIsClosed) {
    TestServices services;
    ServerOptions options;
    options.limits.idle = Duration(50);
    TestServer server(services, options);
    Client client(server.port());
    EXPECT_EQ(client.ask("GET", "/healthz").status, 200);
    EXPECT_TRUE(client.is_closed_by_server());
}

TEST(ServerLimits, ALongHeaderIsA431) {
    TestServices services;
    TestServer server(services);
    Client client(server.port());
    EXPECT_EQ(client.ask("GET", "/healthz", {}, {{"A", std::string(15 << 10, 'a')}}).status, 200);
    const Answer refused = client.ask("GET", "/healthz", {}, {{"A", std::string(17 << 10, 'a')}});
    EXPECT_EQ(refused.status, 431);
    EXPECT_EQ(refused.header("Connection"), "close");
}

TEST(ServerLimits, ALargeBodyIsA413BeforeItIsRead) {
    TestServices services;
    TestServer server(services);
    Client announced(server.port());
    announced.send("POST /tts/sync HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n");
    EXPECT_EQ(announced.read().status, 413);
    Client sent(server.port());
    EXPECT_EQ(sent.ask("POST", "/tts/sync", std::string(5 << 20, ' ')).status, 413)
        << "the answer is not lost in a reset";
    Client chunked(server.port());
    chunked.send("POST /transcode HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n200000\r\n");
    chunked.send(std::string(0x200000, ' '));
    EXPECT_EQ(chunked.read().status, 413);
    Client job(server.port());
    EXPECT_EQ(job.ask("POST", "/tts/jobs", "{\"text\": \"" + std::string(900'000, 'a') + "\"}").status, 201);
    EXPECT_EQ(job.ask("POST", "/tts/jobs", "{\"text\": \"" + std::string(1'000'001, 'a') + "\"}").status,
              413);
}

TEST(ServerLimits, ASmallRefusedBodyLeavesTheConnectionUsable) {
    TestServices services;
    TestServer server(services);
    Client client(server.port());
    EXPECT_EQ(client.ask("POST", "/nothing", std::string(20'000, 'x')).status, 404);
    EXPECT_EQ(client.ask("GET", "/healthz", "a body nobody asked for").status, 413);
    EXPECT_EQ(client.ask("GET", "/healthz").status, 200);
}

TEST(ServerLimits, ABodyThatStallsIsA408) {
    TestServices services;
    ServerOptions options;
    options.limits.stall = Duration(50);
    TestServer server(services, options);
    Client client(server.port());
    client.send("POST /tts/sync HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{\"te");
    EXPECT_EQ(client.read().status, 408);
    EXPECT_TRUE(client.is_closed_by_server());
}

TEST(ServerLimits, AClientThatReadsNothingIsCutOff) {
    TestServices services;
    services.put("big.wav", std::string(8 << 20, 'x'));
    ServerOptions options;
    options.limits.stall = Duration(50);
    TestServer server(services, options);
    Client client(server.port(), 4096);
    client.request("GET", services.link(storage::LinkMethod::get, "big.wav"));
    EXPECT_TRUE(client.wait_for_reset());
}

TEST(ServerLimits, TheBodyIsAskedForOnlyWhenItIsWanted) {
    TestServices services;
    TestServer server(services);
    Client client(server.port());
    client.send("POST /tts/sync HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 13\r\n\r\n");
    EXPECT_EQ(client.read().status, 100);
    client.send(R"({"text": "a"})");
    EXPECT_EQ(client.read().status, 200);
    client.send(
        "POST /tts/sync HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9000000\r\n\r\n");
    EXPECT_EQ(client.read().status, 413);
}

TEST(ServerLimits, AFullQueueIsA429AtOnceAndTheConnectionStaysUsable) {
    TestServices services;
    ServerOptions options;
    options.speech_pool = {.threads = 1, .queued = 0};
    TestServer server(services, options);
    Client working(server.port()), refused(server.port());
    working.request("POST", "/tts/sync", waiting_text);
    services.synthesizer.gate.wait_for_waiting(1);
    const Answer answer = refused.ask("POST", "/tts/sync", R"({"text": "a"})");
    EXPECT_EQ(answer.status, 429);
    EXPECT_EQ(answer.header("Retry-After"), "1");
    EXPECT_EQ(refused.ask("GET", "/healthz").status, 200);
    services.synthesizer.gate.open();
    EXPECT_EQ(working.read().status, 200);
}

TEST(Faults, F10_OneLongTextDoesNotStopTheOthers) {
    TestServices services;
    ServerOptions options;
    options.speech_pool = {.threads = 2, .queued = 8};
    TestServer server(services, options);
    Client first(server.port()), second(server.port()), third(server.port());
    first.request("POST", "/tts/sync", waiting_text);
    second.request("POST", "/tts/sync", waiting_text);
    services.synthesizer.gate.wait_for_waiting(2);
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(third.ask("GET", "/voices").status, 200);
        EXPECT_EQ(third.ask("GET", "/v1/jobs").status, 200);
        EXPECT_EQ(third.ask("GET", "/readyz").status, 200);
    }
    services.synthesizer.gate.open();
    EXPECT_EQ(first.read().status, 200);
    EXPECT_EQ(second.read().status, 200);
}

TEST(ServerLimits, WorkStopsWhenItsClientGoes) {
    TestServices services;
    TestServer server(services);
    Client client(server.port());
    client.request("POST", "/tts/sync", waiting_text);
    services.synthesizer.gate.wait_for_waiting(1);
    client.close();
    services.synthesizer.gate.wait_for_stopped(1);
    server.stop();
    EXPECT_TRUE(services.store->list("temp-audio/", {}, 10).objects.empty()) << "and leaves nothing";
}

TEST(ServerLimits, WorkThatTakesTooLongIsA504) {
    TestServices services;
    ServerOptions options;
    options.limits.request = Duration(50);
    TestServer server(services, options);
    Client client(server.port());
    EXPECT_EQ(client.ask("POST", "/tts/sync", waiting_text).status, 504);
    EXPECT_EQ(client.ask("GET", "/healthz").status, 200);
}

TEST(ServerLimits, ConnectionsAreBounded) {
    TestServices services;
    ServerOptions options;
    options.limits.connections = 1;
    TestServer server(services, options);
    Client first(server.port());
    EXPECT_EQ(first.ask("GET", "/healthz").status, 200);
    Client second(server.port());
    const Answer refused = second.read();
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(boost::json::parse(refused.body).at("error"), "There are too many connections; try again");
    EXPECT_EQ(first.ask("GET", "/healthz").status, 200);
}

TEST(ServerLimits, BufferedBodiesAreBoundedTogether) {
    TestServices services;
    ServerOptions options;
    options.limits.buffered_bytes = 100'000;
    TestServer server(services, options);
    Client client(server.port());
    EXPECT_EQ(client.ask("POST", "/tts/sync", std::string(200'000, ' ')).status, 429);
    Client other(server.port());
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(other.ask("POST", "/tts/sync", R"({"text": "a"})" + std::string(50'000, ' ')).status, 200)
            << "what was taken is given back";
}

TEST(ServerStop, FinishesWhatIsInFlight) {
    TestServices services;
    TestServer server(services);
    Client busy(server.port()), idle(server.port());
    EXPECT_EQ(idle.ask("GET", "/healthz").status, 200);
    busy.request("POST", "/tts/sync", waiting_text);
    services.synthesizer.gate.wait_for_waiting(1);
    server.begin_stop();
    EXPECT_TRUE(idle.is_closed_by_server());
    services.synthesizer.gate.open();
    const Answer answer = busy.read();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("Connection"), "close");
    server.stop();
    EXPECT_ANY_THROW(Client(server.port()));
}

TEST(ServerStop, TellsTheRestToStopWhenTheGraceIsOver) {
    TestServices services;
    ServerOptions options;
    options.shutdown_grace = Duration(50);
    TestServer server(services, options);
    Client client(server.port());
    client.request("POST", "/tts/sync", waiting_text);
    services.synthesizer.gate.wait_for_waiting(1);
    server.stop();
    EXPECT_EQ(client.read().status, 503);
}

TEST(ServerStop, EndsEventStreams) {
    TestServices services;
    ServerOptions options;
    options.limits.event_interval = Duration(3'600'000);
    TestServer server(services, options);
    Client client(server.port());
    const Answer created = client.ask("POST", "/v1/jobs", R"({"type": "speak", "text": "hi"})");
    const std::string id(boost::json::parse(created.body).at("id").as_string());
    client.request("GET", "/v1/jobs/" + id + "/events");
    EXPECT_EQ(client.read_line(), "HTTP/1.1 200 OK");
    server.stop();
    while (!client.is_closed_by_server()) client.read_line();
}

TEST(ServerStart, AnAddressInUseIsToldAtOnce) {
    TestServices services;
    TestServer server(services);
    ServerOptions options;
    options.port = server.port();
    EXPECT_THROW(Server(options, services.services), Error);
    options.listen_address = "example.org";
    EXPECT_THROW(Server(options, services.services), Error);
}

}  // namespace
}  // namespace fadeout::http
