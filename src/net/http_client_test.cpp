#include "net/http_client.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/error.h"
#include "net/test_server.h"

namespace fadeout::net {
namespace {

using namespace std::chrono_literals;

HttpRequest get(const std::string& url) {
    HttpRequest request;
    request.method = "GET";
    request.url = url;
    return request;
}

Error failure(HttpClient& client, const HttpRequest& request, const OnBody& on_body = {}) {
    try {
        client.send(request, on_body);
    } catch (const Error& error) {
        return error;
    }
    ADD_FAILURE() << "no Error";
    return {ErrorKind::internal, ""};
}

TEST(HttpClient, HandsOverStatusHeadersAndBody) {
    TestServer server([](const TestRequest&) {
        return TestAnswer{"404 Not Found", {"X-Upper-Case:  a b ", "Content-Length: 4"}, "gone"};
    });
    HttpClient client;
    const HttpResponse response = client.send(get(server.url()));
    EXPECT_EQ(response.status, 404);
    EXPECT_EQ(response.header("x-upper-case"), "a b");
    EXPECT_EQ(response.header("missing"), "");
    EXPECT_EQ(response.body, "gone");
}

TEST(HttpClient, WithAPolicyConnectsOnlyWhereItAllows) {
    TestServer server([](const TestRequest&) { return whole(""); });
    HttpClient strict(1024, AddressPolicy{});
    for (const std::string host : {"127.0.0.1", "localhost", "0x7f.1", "[::ffff:127.0.0.1]"}) {
        const std::string url = "http://" + host + ":" + server.port() + "/";
        EXPECT_EQ(failure(strict, get(url)).kind(), ErrorKind::denied) << url;
    }
    EXPECT_TRUE(server.requests().empty());
    HttpClient allowing(1024, AddressPolicy({"127.0.0.1"}));
    EXPECT_EQ(allowing.send(get(server.url())).status, 200);
}

TEST(HttpClient, EndsBeforeABodyThatNobodyWants) {
    TestServer server([](const TestRequest&) {
        TestAnswer answer{"503 Down", {"Content-Length: 100000"}, std::string(5'000, 'x')};
        answer.then_silent = true;
        return answer;
    });
    HttpClient client(10);
    HttpRequest request = get(server.url());
    request.wants_body = false;
    EXPECT_EQ(client.send(request).status, 503);
}

TEST(HttpClient, GivesUpWhenAsked) {
    std::stop_source stop;
    TestServer server([&](const TestRequest&) {
        stop.request_stop();
        TestAnswer answer;
        answer.then_silent = true;
        answer.headers = {"Content-Length: 1"};
        return answer;
    });
    HttpClient client;
    HttpRequest request = get(server.url());
    request.stop = stop.get_token();
    EXPECT_EQ(failure(client, request).kind(), ErrorKind::cancelled);
}

TEST(HttpClient, SendsThePathAndHeadersAsTheyAre) {
    TestServer server([](const TestRequest&) { return whole(""); });
    HttpClient client;
    HttpRequest request = get(server.url("/a/../b%2Fc/./d?x=%20&y"));
    request.headers = {{"X-One", "1"}, {"X-Empty", ""}};
    client.send(request);
    const TestRequest seen = server.requests().at(0);
    EXPECT_EQ(seen.target, "/a/../b%2Fc/./d?x=%20&y");
    EXPECT_EQ(seen.header("x-one"), "1");
    EXPECT_TRUE(seen.headers.contains("x-empty"));
    EXPECT_FALSE(seen.headers.contains("content-type"));
    EXPECT_FALSE(seen.headers.contains("expect"));
}

TEST(HttpClient, SendsBodies) {
    TestServer server([](const TestRequest&) { return whole(""); });
    HttpClient client;
    for (const std::string method : {"PUT", "POST", "DELETE"}) {
        HttpRequest request = get(server.url());
        request.method = method;
        const std::string body(method == "POST" ? 0 : 3000, 'x');
        request.body = as_bytes(body);
        EXPECT_EQ(client.send(request).status, 200);
        EXPECT_EQ(server.requests().back().header("content-length"), std::to_string(body.size()));
    }
}

TEST(HttpClient, HandsABodyOverWhileItComes) {
    TestServer server([](const TestRequest& request) {
        if (request.target == "/missing") return TestAnswer{"404 Not Found", {"Content-Length: 4"}, "gone"};
        return whole(std::string(1 << 20, 'x'));
    });
    HttpClient client(100);  // bounds only what is kept
    std::size_t received = 0;
    const OnBody count = [&](Bytes bytes) {
        received += bytes.size();
        return true;
    };
    EXPECT_EQ(client.send(get(server.url()), count).body, "");
    EXPECT_EQ(received, 1u << 20);
    EXPECT_EQ(client.send(get(server.url("/missing")), count).body, "gone") << "only a 2xx goes to on_body";
    EXPECT_EQ(client.send(get(server.url()), [](Bytes) { return false; }).status, 200)
        << "ended by the caller";
    EXPECT_THROW(client.send(get(server.url()), [](Bytes) -> bool { throw std::runtime_error("mine"); }),
                 std::runtime_error);
}

TEST(HttpClient, BoundsWhatItKeeps) {
    TestServer server([](const TestRequest&) { return whole(std::string(101, 'x')); });
    HttpClient client(100);
    EXPECT_EQ(failure(client, get(server.url())).kind(), ErrorKind::bad_source);
}

TEST(HttpClient, ABodyThatBreaksOffIsNoAnswer) {
    TestServer server([](const TestRequest&) {
        return TestAnswer{"200 OK", {"Content-Length: 10"}, "half"};
    });
    HttpClient client;
    EXPECT_EQ(failure(client, get(server.url())).kind(), ErrorKind::unavailable);
}

TEST(HttpClient, TellsWhatHangsFromWhatIsNotThere) {
    TestServer server([](const TestRequest& request) {
        if (request.target == "/body") return TestAnswer{"200 OK", {"Content-Length: 10"}, "half", true};
        return TestAnswer{"102 Processing", {}, "", true};
    });
    HttpClient client;
    for (const char* path : {"/head", "/body"}) {
        HttpRequest request = get(server.url(path));
        request.stall = 300ms;
        EXPECT_EQ(failure(client, request).kind(), ErrorKind::timeout);
    }
    HttpRequest request = get(server.url());
    request.timeout = 200ms;
    EXPECT_EQ(failure(client, request).kind(), ErrorKind::timeout);
    EXPECT_EQ(failure(client, get("http://127.0.0.1:1/")).kind(), ErrorKind::unavailable);
    EXPECT_EQ(failure(client, get("file:///etc/hostname")).kind(), ErrorKind::invalid);
}

TEST(HttpClient, ErrorsHideSecretsInUrls) {
    HttpClient client;
    const Error error = failure(client, get("http://127.0.0.1:1/key?X-Amz-Signature=secret"));
    EXPECT_EQ(error.detail().find("secret"), std::string::npos) << error.detail();
}

TEST(HttpClient, AFailureDoesNotSpoilTheNextRequest) {
    TestServer server([](const TestRequest&) { return whole("well"); });
    HttpClient client;
    const std::string no_host_name(64, 'x');  // a label has 63 characters at most: no server is asked
    for (int i = 0; i < 2; ++i)
        EXPECT_EQ(failure(client, get("http://" + no_host_name + ".invalid/")).kind(),
                  ErrorKind::unavailable);
    EXPECT_EQ(client.send(get(server.url())).body, "well");
}

TEST(HttpClient, DoesNotFollowRedirects) {
    TestServer server([](const TestRequest&) {
        return TestAnswer{"307 Temporary Redirect", {"Location: /elsewhere", "Content-Length: 0"}, ""};
    });
    HttpClient client;
    EXPECT_EQ(client.send(get(server.url())).status, 307);
    EXPECT_EQ(server.requests().size(), 1u);
}

TEST(HttpClient, IsSharedAmongThreads) {
    TestServer server([](const TestRequest& request) { return whole(request.target); });
    HttpClient client;
    std::atomic<int> right = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 20; ++i) {
                const std::string path = "/" + std::to_string(t) + "-" + std::to_string(i);
                right += client.send(get(server.url(path))).body == path;
            }
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(right, 80);
}

TEST(HttpClient, AWaitThatIsToldToStopIsCancelled) {
    std::stop_source stop;
    TestServer server([&](const TestRequest&) {
        stop.request_stop();
        return TestAnswer{.status = "200 OK", .headers = {}, .body = {}, .then_silent = true};
    });
    HttpClient client;
    HttpRequest request = get(server.url());
    request.stop = stop.get_token();
    EXPECT_EQ(failure(client, request).kind(), ErrorKind::cancelled);
}

}  // namespace
}  // namespace fadeout::net
