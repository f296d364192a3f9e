#include <gtest/gtest.h>

#include <cstdlib>

#include "net/source_test.h"

namespace fadeout::net {
namespace {

TEST(Faults, F11_OnlyHttpIsFetched) {
    for (const std::string url : {"file:///etc/passwd",
                                  "file:/etc/passwd",
                                  "ftp://127.0.0.1/x",
                                  "gopher://127.0.0.1/x",
                                  "dict://127.0.0.1/x",
                                  "smb://127.0.0.1/x",
                                  "data:audio/mpeg,x",
                                  "HTTPX://h/",
                                  "song.mp3",
                                  "/etc/passwd",
                                  "//h/x",
                                  "",
                                  "http://",

                                  "http://h ost/",
                                  "http://h/\r\nX: y",
                                  "http://h/\x01",
                                  "concat:http://h/a|b",
                                  "http://[::1",
                                  "http://h:99999/",
                                  "htt\tp://h/"}) {
        const Error error = failure(url);
        EXPECT_EQ(error.kind(), ErrorKind::invalid) << url;
        EXPECT_STREQ(error.what(), "A source must be an http:// or https:// URL.");
    }
}

TEST(Faults, F11_LoopbackIsDeniedHoweverItIsWritten) {
    const TestServer server([](const TestRequest&) { return whole("inside"); });
    for (const std::string host :
         {"127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "0",
          "0.0.0.0", "[::ffff:127.0.0.1]", "[::1]", "[::ffff:7f00:1]", "user@127.0.0.1", "%31%32%37.0.0.1",
          "[::127.0.0.1]", "169.254.169.254", "[fd00:ec2::254]", "10.0.0.1"}) {
        const Error error = failure("http://" + host + ":" + server.port() + "/", AddressPolicy());
        EXPECT_EQ(error.kind(), ErrorKind::denied) << host;
        EXPECT_STREQ(error.what(), "This address is not public; allow it with --source-allow.");
    }
    EXPECT_TRUE(server.requests().empty());
}

TEST(Faults, F11_RedirectsAreCheckedLikeTheFirstUrl) {
    for (const std::string target : {"file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1/x"}) {
        const Error error = failure([&](const TestRequest&) {
            return TestAnswer{"302 Found", {"Location: " + target}, ""};
        });
        EXPECT_EQ(error.kind(), ErrorKind::bad_source) << target;
        EXPECT_STREQ(error.what(), "The source redirects to something other than http:// or https://.");
    }
    for (const std::string host : {"10.0.0.1", "127.0.0.2", "[::1]", "169.254.169.254"}) {
        const Error error = failure([&](const TestRequest&) {
            return TestAnswer{"302 Found", {"Location: http://" + host + "/x"}, ""};
        });
        EXPECT_EQ(error.kind(), ErrorKind::denied) << host;
    }
}

TEST(Faults, F11_ErrorsDoNotTellWhatListens) {
    const int closed = [] {
        const TestServer gone([](const TestRequest&) { return TestAnswer{}; });
        return std::atoi(gone.port().c_str());
    }();
    const Error no_port = failure("http://127.0.0.1:" + std::to_string(closed) + "/");
    // A label of 64 characters exists nowhere, and no name server need be asked.
    const Error no_host = failure("http://" + std::string(64, 'x') + "/");
    // A service that speaks something else, and one that hangs up.
    const TestServer hangs_up([](const TestRequest&) -> TestAnswer { return {"", {}, ""}; });
    const Error no_http = failure(hangs_up.url());
    for (const Error& error : {no_port, no_host, no_http}) {
        EXPECT_EQ(error.kind(), ErrorKind::bad_source);
        EXPECT_STREQ(error.what(), "The source could not be reached.");
    }
    const TestServer open_port([](const TestRequest&) { return TestAnswer{}; });
    EXPECT_STREQ(failure(open_port.url(), AddressPolicy()).what(),
                 failure("http://127.0.0.1:" + std::to_string(closed) + "/", AddressPolicy()).what());
}

TEST(Faults, F13_ASilentSourceTimesOut) {
    SourceLimits limits = quick();
    limits.stall = 100ms;
    const auto silent_after = [](const std::string& body) {
        return [body](const TestRequest&) {
            return TestAnswer{"200 OK", {"Content-Length: 1000"}, body, true};
        };
    };
    for (const std::string body : {"", "some bytes"}) {
        const Error error = failure(silent_after(body), limits);
        EXPECT_EQ(error.kind(), ErrorKind::timeout);
        EXPECT_STREQ(error.what(), "The source sent nothing for too long.");
    }
}

/// Accepts (the backlog does) and never says a word.
class SilentListener {
  public:
    SilentListener() {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        auto* plain = reinterpret_cast<sockaddr*>(&address);
        if (::bind(socket_, plain, length) != 0 || ::listen(socket_, 4) != 0 ||
            ::getsockname(socket_, plain, &length) != 0)
            throw std::runtime_error("no listener");
        host_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    }
    ~SilentListener() { ::close(socket_); }

    const std::string& host() const { return host_; }

  private:
    int socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    std::string host_;
};

TEST(Faults, F13_ASilentListenerTimesOut) {
    const SilentListener listener;
    SourceLimits limits = quick();
    limits.stall = 100ms;
    EXPECT_EQ(failure("http://" + listener.host() + "/", loopback, limits).kind(), ErrorKind::timeout);
    limits.connect = 200ms;  // here TLS is what never ends: connecting has its own limit
    const Error connecting = failure("https://" + listener.host() + "/", loopback, limits);
    EXPECT_EQ(connecting.kind(), ErrorKind::timeout);
    EXPECT_STREQ(connecting.what(), "The source could not be reached in time.");
}

TEST(Faults, AStopEndsConnectingWaitingAndReading) {
    const SilentListener listener;
    const TestServer sends_nothing_more([](const TestRequest&) {
        return TestAnswer{"200 OK", {"Content-Length: 1000"}, "some bytes", true};
    });
    for (const std::string& url :
         {"https://" + listener.host() + "/", "http://" + listener.host() + "/", sends_nothing_more.url()}) {
        std::stop_source stop;
        const std::jthread later([&] {
            std::this_thread::sleep_for(50ms);
            stop.request_stop();
        });
        const auto began = std::chrono::steady_clock::now();
        EXPECT_EQ(failure(url, loopback, quick(), stop.get_token()).kind(), ErrorKind::cancelled) << url;
        EXPECT_LT(std::chrono::steady_clock::now() - began, 1s) << url;
    }
}

TEST(Faults, AfterAStopNothingIsSentOrRead) {
    const TestServer server([](const TestRequest& request) { return ranged(request, song(2'000'000)); });
    std::stop_source stop;
    const auto source = open(server.url(), quick(), stop.get_token());
    EXPECT_EQ(read_exactly(*source, 0, 100).size(), 100u);
    stop.request_stop();
    EXPECT_THROW(read_all(*source), Error) << "although bytes come all the time";
    EXPECT_THROW(open(server.url(), quick(), stop.get_token()), Error);
    EXPECT_LE(server.requests().size(), 1u);
}

TEST(Faults, F13_TheWholeTransferHasADeadline) {
    SourceLimits limits = quick();
    limits.total = 100ms;
    limits.stall = 400ms;
    const Error error = failure(
        [](const TestRequest&) {
            return TestAnswer{"200 OK", {"Content-Length: 1000"}, "x", true};
        },
        limits);
    EXPECT_EQ(error.kind(), ErrorKind::timeout);
    EXPECT_STREQ(error.what(), "The source took too long to send everything.");
}

}  // namespace
}  // namespace fadeout::net
