#include "http/request_parser.h"

#include <gtest/gtest.h>

namespace fadeout::http {
namespace {

constexpr std::size_t max_header = 1024;

struct Parsed {
    int fault = 0;
    bool has_head = false;
    bool done = false;
    Request head;
    std::string body;
    std::string rest;
};

/// Puts `bytes` in as a connection does, `step` more of them at a time.
Parsed parse(std::string_view bytes, std::size_t step = SIZE_MAX) {
    RequestParser parser(max_header);
    std::string waiting;
    while (!bytes.empty() && parser.fault() == 0 && !parser.is_done()) {
        waiting += bytes.substr(0, step);
        bytes.remove_prefix(std::min(step, bytes.size()));
        for (std::size_t n = 1; n > 0 && parser.fault() == 0 && !parser.is_done();) {
            n = parser.put(waiting);
            waiting.erase(0, n);
        }
    }
    Parsed parsed{parser.fault(), parser.has_head(),           parser.is_done(), {},
                  parser.body(),  waiting + std::string(bytes)};
    if (parsed.has_head) parsed.head = parser.take_head();
    return parsed;
}

TEST(RequestParser, ReadsHeadAndBody) {
    const Parsed p = parse("POST /tts/sync?a=b HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbodyGET /");
    ASSERT_TRUE(p.done);
    EXPECT_EQ(p.head.method, "POST");
    EXPECT_EQ(p.head.path(), "/tts/sync");
    EXPECT_EQ(p.head.query(), "a=b");
    EXPECT_EQ(p.head.header("HOST"), "x");
    EXPECT_EQ(p.body, "body");
    EXPECT_EQ(p.rest, "GET /");
}

TEST(RequestParser, ReadsTheSameHoweverTheBytesArrive) {
    const std::string bytes =
        "PUT /objects/b/k HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5;ext=1\r\nhello\r\n1\r\n \r\n5\r\nworld\r\n0\r\nTrailer: dropped\r\n\r\nNEXT";
    const Parsed whole = parse(bytes);
    ASSERT_TRUE(whole.done);
    EXPECT_EQ(whole.body, "hello world");
    EXPECT_EQ(whole.head.headers.size(), 2U);
    for (std::size_t step = 1; step < bytes.size(); ++step) {
        const Parsed p = parse(bytes, step);
        ASSERT_TRUE(p.done) << step;
        ASSERT_EQ(p.body, whole.body) << step;
        ASSERT_EQ(p.head.headers, whole.head.headers) << step;
        ASSERT_EQ(p.rest, "NEXT") << step;
    }
}

TEST(RequestParser, StopsBehindTheHead) {
    RequestParser parser(max_header);
    const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n";
    EXPECT_EQ(parser.put(head + "abc"), head.size());
    EXPECT_TRUE(parser.has_head());
    EXPECT_FALSE(parser.is_done());
    EXPECT_EQ(parser.content_length(), 3U);
}

TEST(RequestParser, LimitsTheWholeHeader) {
    const std::string start = "GET / HTTP/1.1\r\nHost: x\r\nA: ";
    const std::string fitting = start + std::string(max_header - start.size() - 4, 'a') + "\r\n\r\n";
    ASSERT_EQ(fitting.size(), max_header);
    EXPECT_TRUE(parse(fitting).done);
    EXPECT_TRUE(parse(fitting, 1).done);
    const std::string longer = start + std::string(max_header - start.size() - 3, 'a') + "\r\n\r\n";
    EXPECT_EQ(parse(longer).fault, 431);
    EXPECT_EQ(parse(longer, 1).fault, 431);
    EXPECT_EQ(parse("GET /" + std::string(2 * max_header, 'a'), 100).fault, 431);
    std::string many = "GET /" + std::string(max_header / 2, 'a') + " HTTP/1.1\r\nHost: x\r\n";
    while (many.size() <= max_header) many += "A: b\r\n";
    EXPECT_EQ(parse(many + "\r\n", 7).fault, 431) << "the request line and the fields count together";
}

TEST(RequestParser, RefusesWhatCouldBeReadInTwoWays) {
    const std::string post = "POST / HTTP/1.1\r\nHost: x\r\n";
    for (const std::string_view fields :
         {"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
          "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "Content-Length: 3\r\nContent-Length: 4\r\n",
          "Content-Length: 3, 4\r\n", "Content-Length: -1\r\n", "Content-Length: 3x\r\n",
          "Content-Length: 18446744073709551616\r\n", "Transfer-Encoding: gzip\r\n",
          "Transfer-Encoding: gzip, chunked\r\n",
          "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: xchunked\r\n",
          "Host: y\r\n", "Bad Name: 1\r\n", "A : 1\r\n"})
        EXPECT_EQ(parse(post + std::string(fields) + "\r\nabc").fault, 400) << fields;
    EXPECT_EQ(parse("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n").fault, 400);
}

TEST(RequestParser, RefusesWhatIsNotHttp) {
    EXPECT_EQ(parse("GET / HTTP/1.1\r\n\r\n").fault, 400) << "no Host";
    EXPECT_EQ(parse("GET / HTTP/2.0\r\nHost: x\r\n\r\n").fault, 505);
    EXPECT_EQ(parse("GET nowhere HTTP/1.1\r\nHost: x\r\n\r\n").fault, 400);
    EXPECT_EQ(parse("GET / HTTP/1.1\nHost: x\n\n").fault, 505) << "a bare line feed";
    EXPECT_NE(parse("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03").fault, 0) << "TLS";
    EXPECT_EQ(parse("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n").fault, 400);
}

TEST(RequestParser, TakesAbsoluteForm) {
    EXPECT_EQ(parse("GET http://x/voices?a HTTP/1.1\r\nHost: x\r\n\r\n").head.target, "/voices?a");
    EXPECT_EQ(parse("GET http://x HTTP/1.1\r\nHost: x\r\n\r\n").head.target, "/");
    EXPECT_EQ(parse("GET HTTPS://x?a HTTP/1.1\r\nHost: x\r\n\r\n").head.target, "/?a");
}

TEST(RequestParser, KnowsWhetherTheConnectionStaysOpen) {
    const auto keeps = [](std::string_view bytes) {
        RequestParser parser(max_header);
        parser.put(bytes);
        return parser.keeps_alive();
    };
    EXPECT_TRUE(keeps("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
    EXPECT_FALSE(keeps("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
    EXPECT_TRUE(keeps("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

}  // namespace
}  // namespace fadeout::http
