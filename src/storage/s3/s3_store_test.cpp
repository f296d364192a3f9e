#include "storage/s3/s3_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "base/error.h"
#include "net/test_server.h"

namespace fadeout::storage {
namespace {

using net::TestAnswer;
using net::TestRequest;
using net::TestServer;

constexpr std::size_t mib = 1 << 20;

S3Options options(const std::string& endpoint,
                  const aws::TimedCredentials& keys = {{"id", "secret", ""}, {}}) {
    S3Options out;
    out.location = {
        .provider = "s3", .bucket = "audio", .region = "us-east-1", .endpoint = endpoint, .path_style = true};
    out.credentials = std::make_shared<aws::StaticCredentials>(keys.keys, keys.expires);
    out.retry.transient_base = out.retry.throttled_base = Duration(1);
    return out;
}

TEST(S3Store, EndsWhereAServiceListsInCircles) {
    TestServer server([](const TestRequest& request) {
        if (request.target.find("uploads=") != std::string::npos)
            return net::whole(
                "<ListMultipartUploadsResult><IsTruncated>true</IsTruncated><NextKeyMarker>k"
                "</NextKeyMarker></ListMultipartUploadsResult>");
        return net::whole(
            "<ListBucketResult><IsTruncated>true</IsTruncated><Contents><Key>k</Key>"
            "<LastModified>2026-11-20T15:00:00Z</LastModified><ETag>x</ETag><Size>1</Size>"
            "</Contents></ListBucketResult>");
    });
    const SystemClock clock;
    S3Store store(options(server.url()), clock);
    EXPECT_EQ(store.list("", "", 1).next, "k");
    EXPECT_THROW(store.list("", "k", 1), Error) << "start-after is not known there";
    EXPECT_THROW(store.remove_unfinished(clock.now()), Error);
    EXPECT_EQ(server.requests().back().target.find("upload-id-marker"), std::string::npos) << "there is none";
}

TEST(S3Store, AnUploadThatCannotBeEndedHoldsUpNoOther) {
    TestServer server([](const TestRequest& request) {
        if (request.method == "DELETE" && request.target.find("/locked") != std::string::npos)
            return TestAnswer{"403 Forbidden", {}, "<Error><Code>AccessDenied</Code></Error>"};
        if (request.method == "DELETE") return TestAnswer{"204 No Content", {}, ""};
        const auto upload = [](const std::string& key) {
            return "<Upload><Key>" + key +
                   "</Key><UploadId>u</UploadId><Initiated>2026-11-20T15:00:00Z</Initiated></Upload>";
        };
        return net::whole("<ListMultipartUploadsResult>" + upload("locked") + upload("other") +
                          "</ListMultipartUploadsResult>");
    });
    const SystemClock clock;
    S3Store store(options(server.url()), clock);
    EXPECT_THROW(store.remove_unfinished(Time::max()), Error);
    EXPECT_NE(server.requests().back().target.find("/other"), std::string::npos);
}

TEST(S3Store, PartsOnTheirWayAreGivenUpAtOnce) {
    TestServer server([](const TestRequest& request) {
        if (request.method == "POST")
            return net::whole(
                "<InitiateMultipartUploadResult><UploadId>u</UploadId>"
                "</InitiateMultipartUploadResult>");
        if (request.method == "PUT")
            return TestAnswer{.status = "200 OK", .headers = {}, .body = {}, .then_silent = true};
        return TestAnswer{"204 No Content", {}, ""};
    });
    const SystemClock clock;
    S3Store store(options(server.url()), clock);
    const auto writer = store.create(Key::parse("k"), {});
    const std::string piece(mib, 'x');
    for (int i = 0; i < 17; ++i) writer->write(as_bytes(piece));
    const auto begun = std::chrono::steady_clock::now();
    writer->abort();
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(5));
    EXPECT_EQ(server.requests().back().method, "DELETE") << "the upload itself is ended, too";
}

/// The service went on with what its caller gave up, and the object appears between two looks.
TEST(S3Store, AnObjectThatAppearsLateIsStillFound) {
    std::string token;
    int looks = 0;
    TestServer server([&](const TestRequest& request) {
        if (request.method == "PUT") {
            token = request.header("x-amz-meta-fadeout-upload");
            return TestAnswer{"503 Service Unavailable", {"Content-Length: 0"}, ""};
        }
        if (++looks == 1) return TestAnswer{"404 Not Found", {"Content-Length: 0"}, ""};
        return TestAnswer{"200 OK",
                          {"Content-Length: 5", "ETag: \"e\"", "Last-Modified: Fri, 20 Nov 2026 15:00:00 GMT",
                           "x-amz-meta-fadeout-upload: " + token},
                          ""};
    });
    const SystemClock clock;
    S3Store store(options(server.url()), clock);
    const auto writer = store.create(Key::parse("k"), {});
    writer->write(as_bytes(std::string_view("12345")));
    EXPECT_EQ(writer->commit().etag, "e");
    EXPECT_EQ(looks, 2);
}

/// One that calls the condition a wrong argument is not tried again at each write.
TEST(S3Store, LearnsOnceThatAServiceRefusesConditions) {
    TestServer server([](const TestRequest& request) {
        if (request.method == "HEAD") return TestAnswer{"404 Not Found", {"Content-Length: 0"}, ""};
        if (!request.header("if-none-match").empty())
            return TestAnswer{"400 Bad Request", {}, "<Error><Code>InvalidArgument</Code></Error>"};
        return net::whole("", {"ETag: \"e\""});
    });
    const SystemClock clock;
    S3Store store(options(server.url()), clock);
    for (int i = 0; i < 3; ++i) {
        const auto writer = store.create(Key::parse("k"), {});
        writer->write(as_bytes("x"));
        writer->commit(Existing::keep);
    }
    const auto requests = server.requests();
    EXPECT_EQ(
        std::ranges::count_if(
            requests, [](const TestRequest& request) { return !request.header("if-none-match").empty(); }),
        1);
}

TEST(S3Reader, IsGivenUpAtOnceAlsoWhereTheServiceAsksToWait) {
    const auto piece = [](std::size_t begin, std::size_t end) {
        return TestAnswer{"206 Partial Content",
                          {"ETag: \"e\"", "Last-Modified: Fri, 20 Nov 2026 15:00:00 GMT",
                           "Content-Length: " + std::to_string(end - begin),
                           "Content-Range: bytes " + std::to_string(begin) + "-" + std::to_string(end - 1) +
                               "/" + std::to_string(8 * mib)},
                          std::string(end - begin, 'x')};
    };
    TestServer server([&](const TestRequest& request) {
        const std::string range = request.header("range");
        if (range.starts_with("bytes=0-")) return piece(0, mib);
        if (range.starts_with("bytes=" + std::to_string(mib) + "-")) return piece(mib, 3 * mib);
        return TestAnswer{"503 Slow Down", {"Retry-After: 5", "Content-Length: 0"}, ""};
    });
    const SystemClock clock;
    S3Store store(options(server.url()), clock);
    auto reader = store.open(Key::parse("k"));
    std::byte byte{};
    ASSERT_EQ(reader->read_at(mib, std::span(&byte, 1)), 1u);
    const auto before = std::chrono::steady_clock::now();
    reader.reset();  // what is fetched ahead waits for its second attempt
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(3));
}

struct LinkCase {
    std::optional<Duration> left;  ///< until the credentials end
    const char* token;
    bool is_redirect;
};

TEST(S3Store, LinksLeadThroughFadeoutWhereTheCredentialsMayEndBefore) {
    const ManualClock clock(from_unix_seconds(1'000'000));
    using namespace std::chrono_literals;
    for (const auto& [left, token, is_redirect] :
         {LinkCase{{}, "", false}, LinkCase{{}, "of an unknown end", true}, LinkCase{30min, "t", true},
          LinkCase{2h, "t", false}, LinkCase{1h, "t", true}}) {
        const aws::TimedCredentials keys{{"id", "secret", token},
                                         left ? std::optional(clock.now() + *left) : std::nullopt};
        S3Store store(options("http://127.0.0.1:1", keys), clock,
                      [](const Key&, Duration, const LinkOptions&) { return std::string("redirect"); });
        const std::string link = store.presign(LinkMethod::get, Key::parse("k"), 1h, {});
        EXPECT_EQ(link == "redirect", is_redirect) << token << link;
        const std::string followed =
            store.presign(LinkMethod::get, Key::parse("k"), 1h,
                          {.content_type = "", .download_filename = "", .may_end_early = true});
        EXPECT_NE(followed.find("X-Amz-Signature"), std::string::npos) << followed;
    }
}

}  // namespace
}  // namespace fadeout::storage
