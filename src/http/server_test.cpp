#include "http/server.h"

#include <gtest/gtest.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>

#include <boost/json/parse.hpp>
#include <sstream>

#include "http/test_server.h"

namespace fadeout::http {
namespace {

boost::json::value json(const Answer& answer) {
    return boost::json::parse(answer.body);
}

TEST(Server, SpeaksAndServesTheLink) {
    TestServices services;
    TestServer server(services);
    Client client(server.port());
    const Answer spoken = client.ask("POST", "/tts/sync", R"({"text": "hello", "voice": "de"})");
    ASSERT_EQ(spoken.status, 200) << spoken.body;
    EXPECT_EQ(json(spoken).at("voice_id"), "de");
    EXPECT_EQ(json(spoken).as_object().size(), 5U);
    EXPECT_TRUE(spoken.header("Server-Timing").starts_with("synth;dur="));
    std::string link(json(spoken).at("s3_url").as_string());
    ASSERT_TRUE(link.starts_with(TestServices::public_url));
    const Answer audio = client.ask("GET", link.substr(std::string_view(TestServices::public_url).size()));
    EXPECT_EQ(audio.status, 200);
    EXPECT_EQ(audio.header("Content-Type"), "audio/wav");
    EXPECT_TRUE(audio.body.starts_with("RIFF"));
}

TEST(Server, RecordsAreShownAndRemoved) {
    TestServices services;
    TestServer server(services);
    Client client(server.port());
    const auto spoken = json(client.ask("POST", "/tts/sync", R"({"text": "hello"})"));
    const std::string path =
        "/tts/audio/" + utc_date(services.clock.now()) + "/" + spoken.at("audio_id").as_string().c_str();
    EXPECT_EQ(json(client.ask("GET", path)).at("text"), "hello");
    EXPECT_EQ(client.ask("DELETE", path).status, 204);
    EXPECT_EQ(client.ask("GET", path).status, 404);
    EXPECT_EQ(client.ask("DELETE", path).status, 404);
}

TEST(Faults, F09_WrongJsonIsA400AndTheConnectionStaysUsable) {
    TestServices services;
    TestServer server(services);
    Client client(server.port());
    for (const std::string_view body :
         {"[]", "5", "{", "\"x\"", "{\"text\": 5}", "{\"text\": \"\"}", "{}", "null"}) {
        const Answer answer = client.ask("POST", "/tts/sync", body);
        EXPECT_EQ(answer.status, 400) << body;
        EXPECT_TRUE(json(answer).as_object().contains("detail")) << body;
    }
    EXPECT_EQ(client.ask("POST", "/tts/sync").status, 400) << "no body at all";
    EXPECT_EQ(client.ask("POST", "/tts/sync", R"({"text": "a"})", {{"Content-Type", "text/plain"}}).status,
              200);
    EXPECT_EQ(client.ask("POST", "/tts/sync", R"({"text": "a", "voice": "klingon"})").status, 404);
    const Answer transcode = client.ask("POST", "/transcode", "{}");
    EXPECT_EQ(transcode.status, 400);
    EXPECT_EQ(json(transcode).at("error"), "Missing file_url parameter");
}

TEST(Server, SpeechJobsFromTheirBeginningToTheirAudio) {
    TestServices services;
    TestServer server(services);
    Client client(server.port());
    const std::string text(150, 'a');
    const Answer created =
        client.ask("POST", "/tts/jobs", "{\"text\": \"" + text + "\", \"voice_id\": \"de\"}");
    ASSERT_EQ(created.status, 201) << created.body;
    EXPECT_EQ(json(created).at("status"), "queued");
    EXPECT_TRUE(json(created).at("audio_url").is_null());
    const std::string id(json(created).at("id").as_string());
    EXPECT_EQ(json(client.ask("GET", "/tts/jobs?limit=5")).at(0).at("text").as_string().size(), 100U);
    EXPECT_EQ(json(client.ask("GET", "/tts/jobs/" + id)).at("text").as_string(), text);
    EXPECT_EQ(client.ask("GET", "/tts/jobs/" + id + "/audio").status, 400) << "not completed";
    EXPECT_EQ(client.ask("GET", "/tts/jobs/unknown/audio").status, 404);

    const auto lease = services.queue.lease({});
    ASSERT_TRUE(lease);
    services.queue.done(id, lease->token, services.jobs.run(lease->job, [](double) {}, {}));
    const Answer audio = client.ask("GET", "/tts/jobs/" + id + "/audio");
    EXPECT_EQ(audio.status, 307);
    EXPECT_TRUE(audio.header("Location").starts_with("http://media.test/objects/media/temp-audio/"));
    services.speech.remove(utc_date(lease->job.created_at), id);
    EXPECT_EQ(client.ask("GET", "/tts/jobs/" + id + "/audio").status, 404) << "its time is over";
}

TEST(Server, JobsAreAcceptedListedCancelledAndRetried) {
    TestServices services;
    TestServer server(services);
    Client client(server.port());
    const Fields key = {{"Idempotency-Key", "k1"}};
    const std::string body = R"({"type": "speak", "text": "hi"})";
    const Answer created = client.ask("POST", "/v1/jobs", body, key);
    ASSERT_EQ(created.status, 202) << created.body;
    const std::string id(json(created).at("id").as_string());
    EXPECT_EQ(created.header("Location"), "/v1/jobs/" + id);
    EXPECT_EQ(json(client.ask("POST", "/v1/jobs", body, key)).at("id"), id.c_str());
    EXPECT_EQ(client.ask("POST", "/v1/jobs", R"({"type": "speak", "text": "other"})", key).status, 422);
    EXPECT_EQ(
        json(client.ask("GET", "/v1/jobs?state=queued&type=speak&limit=1")).at("jobs").as_array().size(), 1U);
    EXPECT_EQ(client.ask("GET", "/v1/jobs?state=nonsense").status, 400);
    const auto unknown = client.ask("GET", "/v1/jobs?type=nonsense");
    EXPECT_EQ(unknown.status, 400);
    EXPECT_NE(unknown.body.find("transcode, process, speak, cleanup, webhook, repair"), std::string::npos);
    EXPECT_EQ(client.ask("GET", "/v1/jobs?limit=0").status, 400);
    EXPECT_EQ(json(client.ask("DELETE", "/v1/jobs/" + id)).at("state"), "cancelled");
    EXPECT_EQ(client.ask("DELETE", "/v1/jobs/" + id).status, 409);
    const Answer retried = client.ask("POST", "/v1/jobs/" + id + "/retry");
    EXPECT_EQ(retried.status, 202);
    EXPECT_EQ(json(retried).at("state"), "queued");
    EXPECT_EQ(client.ask("GET", "/v1/jobs/unknown").status, 404);
    EXPECT_EQ(client.ask("POST", "/v1/jobs", R"({"type": "dance"})").status, 400);
}

TEST(Server, EventsFollowAJobToItsEnd) {
    TestServices services;
    TestServer server(services);
    Client client(server.port());
    const auto created = json(client.ask("POST", "/v1/jobs", R"({"type": "speak", "text": "hi"})"));
    const std::string id(created.at("id").as_string());
    client.request("GET", "/v1/jobs/" + id + "/events");
    EXPECT_EQ(client.read_line(), "HTTP/1.1 200 OK");
    while (!client.read_line().empty()) {
    }
    EXPECT_TRUE(client.read_chunk().starts_with("event: state\ndata: {"));
    const auto lease = services.queue.lease({});
    EXPECT_NE(client.read_chunk().find("\"state\":\"leased\""), std::string::npos);
    services.queue.heartbeat(id, lease->token, 40);
    const std::string progress = client.read_chunk();
    EXPECT_TRUE(progress.starts_with("event: progress\n")) << progress;
    EXPECT_NE(progress.find("\"progress\":40"), std::string::npos);
    services.queue.done(id, lease->token, "{}");
    EXPECT_NE(client.read_chunk().find("\"state\":\"done\""), std::string::npos);
    EXPECT_EQ(client.read_chunk(), "") << "the stream ends with the job";
    EXPECT_EQ(client.ask("GET", "/healthz").status, 200);
    EXPECT_EQ(client.ask("GET", "/v1/jobs/unknown/events").status, 404);
}

TEST(Server, AQuietEventStreamIsKeptOpen) {
    TestServices services;
    ServerOptions options;
    options.limits.event_heartbeat = Duration(20);
    TestServer server(services, options);
    Client client(server.port());
    const auto created = json(client.ask("POST", "/v1/jobs", R"({"type": "speak", "text": "hi"})"));
    client.request("GET", "/v1/jobs/" + std::string(created.at("id").as_string()) + "/events");
    while (!client.read_line().empty()) {
    }
    EXPECT_TRUE(client.read_chunk().starts_with("event: state\n"));
    EXPECT_EQ(client.read_chunk(), ": still here\n\n");
}

TEST(Server, EventStreamsAreBounded) {
    TestServices services;
    ServerOptions options;
    options.limits.event_streams = 1;
    TestServer server(services, options);
    Client first(server.port()), second(server.port());
    const auto created = json(first.ask("POST", "/v1/jobs", R"({"type": "speak", "text": "hi"})"));
    const std::string events = "/v1/jobs/" + std::string(created.at("id").as_string()) + "/events";
    first.request("GET", events);
    EXPECT_EQ(first.read_line(), "HTTP/1.1 200 OK");
    EXPECT_EQ(second.ask("GET", events).status, 429);
}

TEST(Server, UnknownRoutesAndMethods) {
    TestServices services;
    TestServer server(services);
    Client client(server.port());
    const Answer unknown = client.ask("GET", "/nothing");
    EXPECT_EQ(unknown.status, 404);
    EXPECT_TRUE(json(unknown).as_object().contains("error"));
    const Answer method = client.ask("DELETE", "/tts/sync");
    EXPECT_EQ(method.status, 405);
    EXPECT_EQ(method.header("Allow"), "OPTIONS, POST");
    EXPECT_TRUE(json(method).as_object().contains("detail"));
    EXPECT_NE(client.ask("GET", "/").body.find("/openapi.json"), std::string::npos);
    EXPECT_EQ(json(client.ask("GET", "/openapi.json")).at("openapi"), "3.1.0");
}

TEST(Server, HeadHasTheLengthAndNoBody) {
    TestServices services;
    TestServer server(services);
    Client client(server.port());
    const Answer get = client.ask("GET", "/voices");
    const Answer head = client.ask("HEAD", "/voices");
    EXPECT_EQ(head.header("Content-Length"), std::to_string(get.body.size()));
    EXPECT_EQ(client.ask("GET", "/healthz").body, R"({"status":"ok"})");
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
    TestServices services;
    TestServer server(services);
    Client client(server.port());
    client.send(
        "POST /tts/sync HTTP/1.1\r\nHost: x\r\nContent-Length: 13\r\n\r\n{\"text\": \"a\"}"
        "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\nConnection: "
        "close\r\n\r\n");
    EXPECT_EQ(client.read().status, 200);
    EXPECT_EQ(client.read().status, 404);
    const Answer last = client.read();
    EXPECT_EQ(last.body, R"({"status":"ok"})");
    EXPECT_EQ(last.header("Connection"), "close");
    EXPECT_TRUE(client.is_closed_by_server());
}

TEST(Server, Http10ClosesUnlessAskedToStay) {
    TestServices services;
    TestServer server(services);
    Client client(server.port());
    client.send("GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(client.read().header("Connection"), "keep-alive");
    client.send("GET /healthz HTTP/1.0\r\n\r\n");
    EXPECT_EQ(client.read().header("Connection"), "close");
    EXPECT_TRUE(client.is_closed_by_server());
}

TEST(Server, RequestIdsAreKeptOnlyWhenSane) {
    TestServices services;
    TestServer server(services);
    Client client(server.port());
    EXPECT_EQ(client.ask("GET", "/healthz", {}, {{"X-Request-Id", "abc-1.2_3"}}).header("X-Request-Id"),
              "abc-1.2_3");
    for (const std::string& bad : {std::string("a b"), std::string(65, 'a'), std::string("a\"b")})
        EXPECT_EQ(client.ask("GET", "/healthz", {}, {{"X-Request-Id", bad}}).header("X-Request-Id").size(),
                  36U);
}

TEST(Server, KeysGuardAllButLinksAndHealth) {
    TestServices services;
    services.put("a.mp3", "bytes");
    ServerOptions options;
    options.api_keys = {"secret"};
    TestServer server(services, options);
    Client client(server.port());
    const Answer speech = client.ask("POST", "/tts/sync", R"({"text": "a"})");
    EXPECT_EQ(speech.status, 401);
    EXPECT_TRUE(speech.header("WWW-Authenticate").starts_with("Bearer"));
    EXPECT_TRUE(json(speech).as_object().contains("detail"));
    EXPECT_TRUE(json(client.ask("GET", "/v1/jobs")).as_object().contains("error"));
    EXPECT_EQ(client.ask("GET", "/v1/jobs", {}, {{"Authorization", "Bearer wrong"}}).status, 401);
    EXPECT_EQ(client.ask("GET", "/v1/jobs", {}, {{"Authorization", "Bearer secret"}}).status, 200);
    EXPECT_EQ(client.ask("GET", "/v1/jobs", {}, {{"X-Api-Key", "secret"}}).status, 200);
    EXPECT_EQ(client.ask("GET", "/healthz").status, 200);
    EXPECT_EQ(client.ask("GET", "/readyz").status, 200);
    EXPECT_EQ(client.ask("GET", services.link(storage::LinkMethod::get, "a.mp3")).body, "bytes");
    EXPECT_EQ(client.ask("OPTIONS", "/transcode").status, 204) << "browsers send no key with a preflight";
}

TEST(Server, MetricsCountRequestsByRoute) {
    TestServices services;
    ServerOptions options;
    options.api_keys = {"secret"};
    TestServer server(services, options);
    Client client(server.port());
    const Fields key{{"X-Api-Key", "secret"}};
    EXPECT_EQ(client.ask("GET", "/metrics").status, 401);
    client.ask("GET", "/v1/jobs/00000000-0000-0000-0000-000000000000", {}, key);
    client.ask("GET", "/nowhere", {}, key);
    const Answer metrics = client.ask("GET", "/metrics", {}, key);
    EXPECT_EQ(metrics.status, 200);
    EXPECT_EQ(metrics.header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
    for (const char* line : {"{method=\"GET\",route=\"/v1/jobs/{id}\",status=\"404\"} 1\n",
                             "{method=\"\",route=\"\",status=\"404\"} 1\n",
                             "{method=\"\",route=\"\",status=\"401\"} 1\n", "\nfadeout_queue_up 1\n"})
        EXPECT_NE(metrics.body.find(line), std::string::npos) << line << metrics.body;
}

TEST(Server, TranscodeMayBeCalledFromAnyPage) {
    TestServices services;
    ServerOptions options;
    options.cors_origins = {"https://app.test"};
    TestServer server(services, options);
    Client client(server.port());
    const Answer preflight = client.ask("OPTIONS", "/transcode", {}, {{"Origin", "https://x.test"}});
    EXPECT_EQ(preflight.status, 204);
    EXPECT_EQ(preflight.header("Access-Control-Allow-Origin"), "*");
    EXPECT_EQ(preflight.header("Access-Control-Allow-Methods"), "OPTIONS, POST");
    EXPECT_EQ(client.ask("POST", "/transcode", "{}").header("Access-Control-Allow-Origin"), "*");
    const Answer allowed = client.ask("GET", "/voices", {}, {{"Origin", "https://app.test"}});
    EXPECT_EQ(allowed.header("Access-Control-Allow-Origin"), "https://app.test");
    EXPECT_EQ(client.ask("GET", "/voices", {}, {{"Origin", "https://x.test"}})
                  .header("Access-Control-Allow-Origin"),
              "");
}

TEST(Server, AProxyMayLeaveThePublicPathOn) {
    TestServices services;
    ServerOptions options;
    options.base_path = "/media";
    TestServer server(services, options);
    Client client(server.port());
    EXPECT_EQ(client.ask("GET", "/media/healthz").status, 200);
    EXPECT_EQ(client.ask("GET", "/healthz").status, 200);
    EXPECT_EQ(client.ask("GET", "/mediahealthz").status, 404);
    for (const char* path : {"/tts/jobs", "/media/tts/jobs"})
        EXPECT_TRUE(
            client.ask("POST", path, R"({"text": "a"})").header("Location").starts_with("/media/tts/jobs/"))
            << path;
}

TEST(Server, UploadLinksAreHandedOut) {
    TestServices services;
    TestServer server(services);
    Client client(server.port());
    const Answer created =
        client.ask("POST", "/v1/uploads", R"({"filename": "a b.wav", "content_type": "audio/wav"})");
    ASSERT_EQ(created.status, 201) << created.body;
    const std::string url(json(created).at("url").as_string());
    const Answer stored = client.ask("PUT", url.substr(std::string_view(TestServices::public_url).size()),
                                     "RIFF", {{"Content-Type", "audio/wav"}});
    EXPECT_EQ(stored.status, 200) << stored.body;
    EXPECT_EQ(services.get(std::string(json(created).at("key").as_string())), "RIFF");
}

TEST(Server, LogsOneMaskedLinePerRequest) {
    TestServices services;
    services.put("a.mp3", "bytes");
    std::ostringstream lines;
    ServerOptions options;
    options.log =
        std::make_shared<spdlog::logger>("access", std::make_shared<spdlog::sinks::ostream_sink_mt>(lines));
    options.log->set_pattern("%v");
    options.log_format = LogFormat::json;
    const std::string link = services.link(storage::LinkMethod::get, "a.mp3");
    {
        TestServer server(services, options);
        Client client(server.port());
        client.ask("GET", link, {}, {{"X-Request-Id", "r1"}});
        client.ask("GET", "/nothing");
    }
    std::istringstream log(lines.str());
    std::string line;
    ASSERT_TRUE(std::getline(log, line));
    const auto first = boost::json::parse(line).as_object();
    EXPECT_EQ(first.at("request_id"), "r1");
    EXPECT_EQ(first.at("status"), 200);
    EXPECT_EQ(first.at("bytes"), 5);
    EXPECT_EQ(first.at("client"), "127.0.0.1");
    EXPECT_EQ(line.find(link.substr(link.size() - 20)), std::string::npos)
        << "the signature is not in the log";
    ASSERT_TRUE(std::getline(log, line));
    EXPECT_EQ(boost::json::parse(line).at("status"), 404);
    EXPECT_FALSE(std::getline(log, line));
}

}  // namespace
}  // namespace fadeout::http
