#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <random>

#include "net/source_test.h"

namespace fadeout::net {
namespace {

TEST(HttpSource, ReadsSequentiallyInOneTransfer) {
    const std::string body = song(1'000'000);
    const TestServer server([&](const TestRequest& request) { return ranged(request, body); });
    const auto source = open(server.url("/x/../a%20b.mp3?sig=1%2F2&x=/../y"));
    EXPECT_EQ(source->size(), body.size());
    EXPECT_TRUE(source->seekable());
    EXPECT_EQ(source->version(), "\"v1\"");
    EXPECT_EQ(read_all(*source), body);
    ASSERT_EQ(server.requests().size(), 1u);
    const TestRequest request = server.requests()[0];
    EXPECT_EQ(request.target, "/x/../a%20b.mp3?sig=1%2F2&x=/../y") << "byte for byte, or signatures break";
    EXPECT_EQ(request.header("accept-encoding"), "identity");
}

TEST(HttpSource, JumpsByRangeAndReadsShortGapsThrough) {
    const std::string body = song(3'000'000);
    const TestServer server([&](const TestRequest& request) { return ranged(request, body); });
    const auto source = open(server.url());
    EXPECT_EQ(read_exactly(*source, 0, 100), body.substr(0, 100));
    EXPECT_EQ(read_exactly(*source, 50'000, 100), body.substr(50'000, 100));
    EXPECT_EQ(server.requests().size(), 1u) << "a short gap needs no new request";
    EXPECT_EQ(read_exactly(*source, 2'900'000, 200'000), body.substr(2'900'000));
    EXPECT_EQ(read_exactly(*source, 10, 100), body.substr(10, 100));
    EXPECT_EQ(read_exactly(*source, 3'000'000, 10), "");
    ASSERT_EQ(server.requests().size(), 3u);
    EXPECT_EQ(server.requests()[1].header("range"), "bytes=2900000-");
    EXPECT_EQ(server.requests()[1].header("if-range"), "\"v1\"");
}

TEST(HttpSource, RandomReadsAgreeWithTheBytes) {
    const std::string body = song(1'500'000);
    const TestServer server([&](const TestRequest& request) { return ranged(request, body); });
    const auto source = open(server.url());
    std::mt19937 random(1);
    for (int round = 0; round < 60; ++round) {
        const std::size_t offset = random() % (body.size() + 1000);
        const std::size_t size = random() % 40'000;
        ASSERT_EQ(read_exactly(*source, offset, size), offset < body.size() ? body.substr(offset, size) : "");
    }
}

TEST(HttpSource, WithoutRangesItIsNotSeekableButRight) {
    const std::string body = song(800'000);
    const TestServer server([&](const TestRequest&) { return whole(body, {"ETag: \"v1\""}); });
    const auto source = open(server.url());
    EXPECT_FALSE(source->seekable());
    EXPECT_EQ(source->size(), body.size());
    EXPECT_EQ(read_exactly(*source, 700'000, 1000), body.substr(700'000, 1000));
    EXPECT_EQ(read_exactly(*source, 100, 1000), body.substr(100, 1000)) << "going back starts over";
    EXPECT_EQ(read_all(*source), body);
}

TEST(HttpSource, WithoutALengthItEndsWhereTheBodyEnds) {
    const std::string chunked = "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n";
    const TestServer server([&](const TestRequest&) {
        return TestAnswer{"200 OK", {"Transfer-Encoding: chunked"}, chunked};
    });
    const auto source = open(server.url());
    EXPECT_FALSE(source->size());
    EXPECT_FALSE(source->seekable());
    EXPECT_EQ(read_all(*source), "hello world");
    EXPECT_EQ(read_exactly(*source, 50, 1), "");
}

TEST(HttpSource, ARangeIgnoredLaterIsReadThrough) {
    const std::string body = song(1'000'000);
    const TestServer server([&](const TestRequest& request) {
        return request.header("range") == "bytes=0-" ? ranged(request, body) : whole(body, {"ETag: \"v1\""});
    });
    const auto source = open(server.url());
    EXPECT_EQ(read_exactly(*source, 900'000, 1000), body.substr(900'000, 1000));
}

TEST(HttpSource, AServerMayEndARangeEarly) {
    const std::string body = song(100'000);
    const TestServer server([&](const TestRequest& request) {
        const std::size_t first = std::stoul(request.header("range").substr(6));
        const std::string part = body.substr(first, 7'000);
        return TestAnswer{"206 Partial Content",
                          {"Content-Length: " + std::to_string(part.size()),
                           "Content-Range: bytes " + std::to_string(first) + "-" +
                               std::to_string(first + part.size() - 1) + "/100000"},
                          part};
    });
    EXPECT_EQ(read_all(*open(server.url())), body)
        << "and that is not a broken transfer: more than 3 of them";
}

/// Answers ranges in pieces of at most `most` bytes, of a whole that it does not tell.
TestServer::Handler in_pieces(const std::string& body, std::size_t most,
                              const TestAnswer& beyond = {"416 Range Not Satisfiable", {}, "no"}) {
    return [&body, most, beyond](const TestRequest& request) {
        const std::size_t first = std::stoul(request.header("range").substr(6));
        if (first >= body.size()) return beyond;
        const std::string part = body.substr(first, most);
        const std::string range = std::to_string(first) + "-" + std::to_string(first + part.size() - 1);
        return TestAnswer{"206 Partial Content", {"Content-Range: bytes " + range + "/*"}, part};
    };
}

TEST(HttpSource, PiecesOfAnUnknownTotalAreReadToTheEnd) {
    const std::string body = song(100'000);
    for (const std::size_t most : {7'000u, 100'000u, 200'000u})
        for (const TestAnswer& beyond :
             {TestAnswer{"416 Range Not Satisfiable", {}, "no"},
              TestAnswer{"416 Range Not Satisfiable", {"Content-Range: bytes */100000"}, ""}}) {
            const TestServer server(in_pieces(body, most, beyond));
            const auto source = open(server.url());
            EXPECT_FALSE(source->size()) << "a piece is not the whole";
            EXPECT_TRUE(source->seekable());
            EXPECT_EQ(read_all(*source), body);
            EXPECT_EQ(source->size(), body.size()) << "known from then on";
            EXPECT_EQ(read_exactly(*source, 40'000, 10'000), body.substr(40'000, 10'000));
        }
}

TEST(HttpSource, JumpsWithinAnUnknownTotal) {
    const std::string body = song(1'000'000);
    const TestServer server(in_pieces(body, 300'000));
    const auto source = open(server.url());
    EXPECT_EQ(read_exactly(*source, 900'000, 200'000), body.substr(900'000));
    EXPECT_EQ(read_exactly(*source, 5'000'000, 10), "");
    EXPECT_EQ(read_exactly(*source, 100, 400'000), body.substr(100, 400'000));
    const auto other = open(server.url());
    EXPECT_EQ(read_exactly(*other, 5'000'000, 10), "") << "before anything was read";
    EXPECT_EQ(read_exactly(*other, 5'000'000, 10), "");
    EXPECT_FALSE(other->size()) << "the end is somewhere before";
    EXPECT_EQ(read_all(*other), body);
}

TEST(HttpSource, ATotalThatIsToldLaterCounts) {
    const std::string body = song(100'000);
    const TestServer server([&](const TestRequest& request) {
        if (request.header("range") != "bytes=0-") return ranged(request, body);
        return TestAnswer{
            "206 Partial Content", {"ETag: \"v1\"", "Content-Range: bytes 0-9999/*"}, body.substr(0, 10'000)};
    });
    const auto source = open(server.url());
    EXPECT_EQ(read_all(*source), body);
    EXPECT_EQ(source->size(), body.size());
    EXPECT_EQ(server.requests().size(), 2u) << "so that no third one has to ask";
}

TEST(HttpSource, AnUnknownTotalIsNeverCutShort) {
    const std::string body = song(10'000);
    const auto ends = [&](const TestAnswer& beyond) { return failure(in_pieces(body, 10'000, beyond)); };
    const std::string partial = "206 Partial Content", unsatisfied = "416 Range Not Satisfiable";
    for (const TestAnswer& beyond :
         {TestAnswer{"500 Oops", {}, ""}, TestAnswer{"404 Gone", {}, ""},
          TestAnswer{unsatisfied, {"Content-Range: bytes */20000"}, ""},
          TestAnswer{unsatisfied, {"Content-Range: bytes */9000"}, ""},
          TestAnswer{"200 OK", {"Content-Length: 9000"}, std::string(9'000, 'x')},
          TestAnswer{partial, {"Content-Range: bytes 0-9999/*"}, body}, TestAnswer{partial, {}, body},
          TestAnswer{partial, {"Content-Range: bytes 10000-10999/*"}, "breaks off"}})
        EXPECT_EQ(ends(beyond).kind(), ErrorKind::bad_source) << beyond.status;
    SourceLimits limits = quick();
    limits.max_bytes = 9'999;
    EXPECT_EQ(failure(in_pieces(body, 1'000), limits).kind(), ErrorKind::too_large);
    const TestAnswer immense{partial, {"Content-Range: bytes 0-18446744073709551615/*"}, body};
    EXPECT_EQ(failure([&](const TestRequest&) { return immense; }).kind(), ErrorKind::too_large);
}

TEST(HttpSource, AServerThatGivesUpRangesIsReadThrough) {
    const std::string body = song(10'000);
    for (const std::vector<std::string>& headers : {std::vector<std::string>{}, {"Content-Length: 10000"}}) {
        const TestServer server([&](const TestRequest& request) {
            if (request.header("range") != "bytes=0-") return TestAnswer{"200 OK", headers, body};
            return TestAnswer{"206 Partial Content", {"Content-Range: bytes 0-999/*"}, body.substr(0, 1'000)};
        });
        EXPECT_EQ(read_all(*open(server.url())), body);
    }
}

/// Serves `body`, but every transfer breaks off after `most` bytes.
TestServer::Handler breaking(const std::string& body, std::size_t most) {
    return [&body, most](const TestRequest& request) {
        TestAnswer answer = ranged(request, body);
        answer.body.resize(std::min(answer.body.size(), most));
        return answer;
    };
}

TEST(HttpSource, ABrokenTransferIsResumed) {
    const std::string body = song(400'000);
    const TestServer server(breaking(body, 100'000));
    EXPECT_EQ(read_all(*open(server.url())), body);
    EXPECT_EQ(server.requests().size(), 4u);
    EXPECT_EQ(server.requests()[3].header("range"), "bytes=300000-");
}

TEST(HttpSource, AfterThreeResumesItGivesUp) {
    const std::string body = song(500'000);
    const Error error = failure(breaking(body, 100'000));
    EXPECT_EQ(error.kind(), ErrorKind::bad_source);
    EXPECT_STREQ(error.what(), "The source broke off before its end.");
}

TEST(HttpSource, WithoutRangesResumingStartsOver) {
    const std::string body = song(400'000);
    std::atomic<int> count = 0;
    const TestServer server([&](const TestRequest&) {
        TestAnswer answer = whole(body, {"ETag: \"v1\""});
        if (++count == 1) answer.body.resize(100'000);
        return answer;
    });
    EXPECT_EQ(read_all(*open(server.url())), body);
}

TEST(HttpSource, ABrokenUnrecognisableAnswerIsNotResumed) {
    const Error error = failure([](const TestRequest&) {
        return TestAnswer{"200 OK", {"Transfer-Encoding: chunked"}, "5\r\nhello\r\n6\r\n wo"};
    });
    EXPECT_EQ(error.kind(), ErrorKind::bad_source);
}

TEST(HttpSource, ALyingLengthIsABrokenTransfer) {
    const Error longer = failure([](const TestRequest&) {
        return TestAnswer{"200 OK", {"Content-Length: 99"}, "short"};
    });
    EXPECT_EQ(longer.kind(), ErrorKind::bad_source);
    const TestServer server([](const TestRequest&) {
        return TestAnswer{"200 OK", {"Content-Length: 5"}, "hello, and more"};
    });
    EXPECT_EQ(read_all(*open(server.url())), "hello") << "what is beyond the announced length is not read";
}

TEST(HttpSource, AChangedObjectIsRefused) {
    const std::string old_body = song(1'000'000);
    const auto changing = [&](TestAnswer later) {
        return failure([&, later](const TestRequest& request) {
            if (request.header("range") != "bytes=0-") return later;
            TestAnswer first = ranged(request, old_body);
            first.headers.push_back("Last-Modified: Fri, 20 Nov 2026 10:00:00 GMT");
            first.body.resize(500'000);  // so that reading on needs a second request
            return first;
        });
    };
    const std::string changed = "The source changed while it was read.";
    const std::string same_range = "Content-Range: bytes 500000-999999/1000000";
    EXPECT_EQ(changing({"206 Partial Content", {"ETag: \"v2\"", same_range}, ""}).what(), changed);
    EXPECT_EQ(changing({"200 OK", {"ETag: \"v2\"", "Content-Length: 3"}, "new"}).what(), changed);
    EXPECT_EQ(changing({"206 Partial Content",
                        {"ETag: \"v1\"", "Last-Modified: Fri, 20 Nov 2026 10:00:01 GMT", same_range},
                        ""})
                  .what(),
              changed);
    EXPECT_EQ(
        changing({"206 Partial Content", {"ETag: \"v1\"", "Content-Range: bytes 500000-999999/1000001"}, ""})
            .what(),
        changed);
    const Error elsewhere =
        changing({"206 Partial Content", {"ETag: \"v1\"", "Content-Range: bytes 0-9/1000000"}, "0123456789"});
    EXPECT_STREQ(elsewhere.what(), "The source answered with another range than asked for.");
    EXPECT_EQ(elsewhere.kind(), ErrorKind::bad_source);
}

TEST(HttpSource, AFailedJumpDoesNotMixUpTheBytes) {
    const std::string body = song(1'000'000);
    const TestServer server([&](const TestRequest& request) {
        if (request.header("range") == "bytes=900000-")
            return TestAnswer{"500 Oops", {"Content-Length: 10"}, "error page"};
        return ranged(request, body);
    });
    const auto source = open(server.url());
    EXPECT_EQ(read_exactly(*source, 0, 100), body.substr(0, 100));
    EXPECT_THROW(read_exactly(*source, 900'000, 100), Error);
    EXPECT_EQ(read_exactly(*source, 100, 1000), body.substr(100, 1000));
}

TEST(HttpSource, StatusesAreNamedAndNothingElse) {
    for (const std::string status : {"401", "403", "404", "410", "429", "500", "503", "204", "304", "302"}) {
        const Error error = failure([&](const TestRequest&) {
            return TestAnswer{
                status + " Secret Reason", {"Content-Length: 6"}, status == "204" ? "" : "secret"};
        });
        EXPECT_EQ(error.kind(), ErrorKind::bad_source);
        const std::string text = error.what();
        EXPECT_TRUE(text.starts_with("The source answered with status " + status + ".")) << text;
        EXPECT_EQ(text.find("ecret"), std::string::npos) << text;
        EXPECT_EQ(text.find("127.0.0.1"), std::string::npos) << text;
    }
}

TEST(HttpSource, AnEmptyAnswerIsRefused) {
    for (const TestAnswer& answer :
         {TestAnswer{"200 OK", {"Content-Length: 0"}, ""}, TestAnswer{"200 OK", {}, ""},
          TestAnswer{"200 OK", {"Transfer-Encoding: chunked"}, "0\r\n\r\n"},
          TestAnswer{"416 Range Not Satisfiable", {"Content-Range: bytes */0", "Content-Length: 0"}, ""}}) {
        const Error error = failure([&](const TestRequest&) { return answer; });
        EXPECT_EQ(error.kind(), ErrorKind::bad_source);
        EXPECT_STREQ(error.what(), "The source is empty.");
    }
}

TEST(HttpSource, CompressedAnswersAreRefused) {
    const Error error = failure([](const TestRequest&) { return whole("xx", {"Content-Encoding: gzip"}); });
    EXPECT_EQ(error.kind(), ErrorKind::bad_source);
    const TestServer server(
        [](const TestRequest&) { return whole("plain", {"Content-Encoding: identity"}); });
    EXPECT_EQ(read_all(*open(server.url())), "plain");
}

TEST(HttpSource, TheSizeIsCapped) {
    SourceLimits limits = quick();
    limits.max_bytes = 1000;
    EXPECT_EQ(failure([](const TestRequest& request) { return ranged(request, song(1001)); }, limits).kind(),
              ErrorKind::too_large);
    EXPECT_EQ(failure(
                  [](const TestRequest&) {
                      return TestAnswer{"200 OK", {}, song(1001)};
                  },
                  limits)
                  .kind(),
              ErrorKind::too_large)
        << "counted where no length is announced";
    const TestServer server([](const TestRequest&) { return TestAnswer{"200 OK", {}, song(1000)}; });
    EXPECT_EQ(read_all(*open(server.url(), limits)), song(1000));
}

TEST(HttpSource, RedirectsAreFollowedThreeTimes) {
    const auto redirecting = [](int hops) {
        return [hops](const TestRequest& request) {
            const int done = std::atoi(request.target.c_str() + request.target.rfind('/') + 1);
            if (done == hops) return ranged(request, "found");
            return TestAnswer{
                "302 Found", {"Location: /x/../" + std::to_string(done + 1), "Content-Length: 2"}, "no"};
        };
    };
    const TestServer three(redirecting(3));
    EXPECT_EQ(read_all(*open(three.url("/0"))), "found");
    EXPECT_EQ(three.requests()[1].target, "/x/../1") << "byte for byte here too";
    const TestServer four(redirecting(4));
    EXPECT_STREQ(failure(four.url("/0")).what(), "The source redirects more than 3 times.");
}

TEST(HttpSource, CredentialsStayWithTheirHost) {
    const TestServer target([](const TestRequest& request) { return ranged(request, "found"); });
    const TestServer start([&](const TestRequest& request) {
        if (request.target == "/here")
            return TestAnswer{"301 Moved", {"Location: " + target.url("/there")}, ""};
        return TestAnswer{"301 Moved", {"Location: /here"}, ""};
    });
    EXPECT_EQ(read_all(*open("http://user:secret@127.0.0.1:" + start.port() + "/")), "found");
    EXPECT_NE(start.requests()[0].header("authorization"), "");
    EXPECT_NE(start.requests()[1].header("authorization"), "") << "the same host keeps them";
    EXPECT_EQ(target.requests()[0].header("authorization"), "");
    EXPECT_EQ(target.requests()[0].header("referer"), "");
}

TEST(HttpSource, ProxiesOfTheEnvironmentAreIgnored) {
    const TestServer proxy([](const TestRequest&) { return whole("from the proxy"); });
    const TestServer server([](const TestRequest&) { return whole("direct"); });
    for (const char* name : {"http_proxy", "all_proxy", "ALL_PROXY"}) ::setenv(name, proxy.url().c_str(), 1);
    EXPECT_EQ(read_all(*open(server.url())), "direct");
    for (const char* name : {"http_proxy", "all_proxy", "ALL_PROXY"}) ::unsetenv(name);
    EXPECT_TRUE(proxy.requests().empty());
}

}  // namespace
}  // namespace fadeout::net
