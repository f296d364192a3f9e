#include "storage/s3/client.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>

#include "base/error.h"
#include "net/test_server.h"

namespace fadeout::storage::s3 {
namespace {

constexpr Time documented{std::chrono::sys_days(std::chrono::year(2013) / 5 / 24)};
const aws::Credentials example_keys{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", {}};

ClientOptions options(S3Location location) {
    ClientOptions out;
    out.location = std::move(location);
    out.credentials = std::make_shared<aws::StaticCredentials>(example_keys);
    out.retry.transient_base = out.retry.throttled_base = Duration(1);
    return out;
}

S3Location example(bool path_style = false) {
    return {.provider = "s3",
            .bucket = "examplebucket",
            .region = "us-east-1",
            .endpoint = "https://s3.amazonaws.com",
            .path_style = path_style};
}

/// A client that talks to `server`.
Client client_of(const net::TestServer& server, const Clock& clock) {
    S3Location location = example(true);
    location.endpoint = server.url();
    return {options(location), clock};
}

/// Source: Amazon S3 API Reference, "Authenticating Requests: Using Query Parameters".
TEST(S3Client, SignsTheDocumentedLink) {
    const ManualClock clock(documented);
    EXPECT_EQ(Client(options(example()), clock).presign("GET", "test.txt", std::chrono::hours(24), {}, {}),
              "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
              "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
              "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
              "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

TEST(S3Client, ReachesTheBucketInEitherStyle) {
    const auto url = [](S3Location location, const std::string& key) {
        const Endpoint endpoint(location);
        return endpoint.origin() + endpoint.path_of(key);
    };
    EXPECT_EQ(url(example(), ""), "https://examplebucket.s3.amazonaws.com/");
    EXPECT_EQ(url(example(), "a b/ü+$~.mp3"),
              "https://examplebucket.s3.amazonaws.com/a%20b/%C3%BC%2B%24~.mp3");
    EXPECT_EQ(url(example(true), ""), "https://s3.amazonaws.com/examplebucket");
    EXPECT_EQ(url(example(true), "a/b"), "https://s3.amazonaws.com/examplebucket/a/b");
    S3Location behind = example(true);
    behind.endpoint = "http://Storage.example.org:80/s3/";
    EXPECT_EQ(url(behind, "k"), "http://storage.example.org/s3/examplebucket/k");
    EXPECT_EQ(Endpoint(behind).host(), "storage.example.org") << "as the Host header says it";
    behind.endpoint = "http://127.0.0.1:7480";
    EXPECT_EQ(Endpoint(behind).host(), "127.0.0.1:7480");
}

TEST(S3Client, SignsWhatItSends) {
    net::TestServer server([](const net::TestRequest&) { return net::whole(""); });
    const ManualClock clock(documented);
    Client client = client_of(server, clock);
    const Answer answer =
        client.send({"PUT", "a b.txt", {{"partNumber", "1"}}, {{"x-amz-meta-n", "1"}}, as_bytes("hello")});
    EXPECT_TRUE(answer.ok());
    const net::TestRequest seen = server.requests().at(0);
    EXPECT_EQ(seen.target, "/examplebucket/a%20b.txt?partNumber=1");
    EXPECT_EQ(seen.body, "hello");
    EXPECT_EQ(seen.header("x-amz-content-sha256"), aws::sha256_hex("hello"));
    EXPECT_EQ(seen.header("x-amz-date"), "20130524T000000Z");
    EXPECT_NE(seen.header("authorization")
                  .find("SignedHeaders=host;x-amz-content-sha256;x-amz-date;"
                        "x-amz-meta-n,"),
              std::string::npos)
        << seen.header("authorization");
}

TEST(S3Client, SendsAnMd5WhereTheServiceWantsOne) {
    net::TestServer server([](const net::TestRequest&) { return net::whole(""); });
    const SystemClock clock;
    S3Location location = example(true);
    location.endpoint = server.url();
    Client s3(options(location), clock);
    s3.send({"PUT", "k", {}, {}, as_bytes("hello")});
    s3.send({"POST", "", {{"delete", ""}}, {}, as_bytes("hello")});
    location.provider = "r2";
    Client(options(location), clock).send({"PUT", "k", {}, {}, as_bytes("hello")});
    const auto seen = server.requests();
    EXPECT_EQ(seen.at(0).header("content-md5"), "");
    EXPECT_EQ(seen.at(1).header("content-md5"), "XUFAKrxLKna5cZ2REBfFkg==");
    EXPECT_EQ(seen.at(2).header("content-md5"), "XUFAKrxLKna5cZ2REBfFkg==");
}

TEST(S3Client, TriesAgainWhereThatMayHelp) {
    int left = 2;
    net::TestServer server([&](const net::TestRequest&) {
        if (left-- > 0) return net::TestAnswer{"503 Slow Down", {}, "<Error><Code>SlowDown</Code></Error>"};
        return net::whole("done");
    });
    const SystemClock clock;
    Client client = client_of(server, clock);
    EXPECT_EQ(client.send({"GET", "k"}).http.body, "done");
    left = 3;
    const Answer answer = client.send({"GET", "k"});
    ASSERT_TRUE(answer.fault) << "three attempts, and no more";
    EXPECT_EQ(answer.fault->code, "SlowDown");
    EXPECT_EQ(server.requests().size(), 6u);
}

TEST(S3Client, WithinALimitAHangingServiceIsNotWaitedForAgain) {
    std::atomic<int> requests = 0;
    net::TestServer server([&](const net::TestRequest&) {
        ++requests;
        return net::TestAnswer{"200 OK", {"Content-Length: 9"}, "half", true};
    });
    const SystemClock clock;
    const Client usual = client_of(server, clock);
    Client limited = usual.within(Duration(300));
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 3; ++i) {
        try {
            limited.send({"GET", "k"});
            ADD_FAILURE() << "it was answered";
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::unavailable);
            EXPECT_NE(std::string(error.what()).find("The object store"), std::string::npos) << error.what();
        }
    }
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(3)) << "the stall is 15 s";
    EXPECT_GE(requests, 1);
}

TEST(S3Client, ErrorsThatStayAreNotTriedAgain) {
    net::TestServer server([](const net::TestRequest&) {
        return net::TestAnswer{"403 Forbidden", {}, "<Error><Code>AccessDenied</Code></Error>"};
    });
    const SystemClock clock;
    Client client = client_of(server, clock);
    EXPECT_TRUE(client.send({"GET", "k"}).fault);
    EXPECT_EQ(server.requests().size(), 1u);
    try {
        client.require({"GET", "k", {{"prefix", "p"}}}, "read");
        ADD_FAILURE() << "it was refused";
    } catch (const Error& error) {
        EXPECT_TRUE(error.detail().ends_with("/k")) << error.detail() << ": what was asked, to find out why";
    }
}

TEST(S3Client, AnErrorInsideAnAnswerOf200IsOne) {
    net::TestServer server(
        [](const net::TestRequest&) { return net::whole("<Error><Code>InternalError</Code></Error>"); });
    const SystemClock clock;
    Client client = client_of(server, clock);
    EXPECT_TRUE(client.send({"POST", "k"}).fault);
    EXPECT_EQ(server.requests().size(), 3u) << "and is tried again";
    EXPECT_TRUE(client.send({"GET", "k"}).ok()) << "an object may be an XML document of any kind";
}

TEST(S3Client, NoLinkOutlivesItsCredentials) {
    struct Ending final : aws::CredentialsProvider {
        aws::TimedCredentials get(Duration) override {
            return {example_keys, documented + std::chrono::hours(1)};
        }
    };
    ManualClock clock(documented);
    ClientOptions ending = options(example());
    ending.credentials = std::make_shared<Ending>();
    Client client(ending, clock);
    EXPECT_NO_THROW(client.presign("GET", "k", std::chrono::hours(1), {}, {}));
    EXPECT_EQ(client.link_life(std::chrono::minutes(5)), std::chrono::minutes(5));
    EXPECT_EQ(client.link_life(std::chrono::hours(24)), std::chrono::seconds(3'599))
        << "the clock goes on until it is signed";
    try {
        client.presign("GET", "k", std::chrono::hours(24), {}, {});
        ADD_FAILURE() << "a link that outlives its credentials";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::misconfigured);
        const std::string text = error.what();
        EXPECT_NE(text.find("1d"), std::string::npos) << text;
        EXPECT_NE(text.find("1h"), std::string::npos) << text;
    }
    clock.set(documented + std::chrono::hours(2));
    try {
        client.presign("GET", "k", std::chrono::seconds(1), {}, {});
        ADD_FAILURE() << "a link by credentials that have ended";
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("have ended"), std::string::npos) << error.what();
    }
}

}  // namespace
}  // namespace fadeout::storage::s3
