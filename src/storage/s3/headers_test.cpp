#include "storage/s3/headers.h"

#include <gtest/gtest.h>

#include <random>

namespace fadeout::storage::s3 {
namespace {

TEST(S3Headers, KeepsPlainMetadataReadable) {
    for (const char* value : {"7", "2026-11-20T15:00:00Z", "a b", "true"})
        EXPECT_EQ(encode_metadata(value), value);
    EXPECT_NE(encode_metadata("x=?y"), "x=?y") << "could be taken for an encoded word";
}

TEST(S3Headers, EncodesWhatAHeaderWouldLose) {
    EXPECT_EQ(encode_metadata("ü"), "=?UTF-8?B?w7w=?=");
    EXPECT_EQ(decode_metadata("=?UTF-8?Q?a_=C3=BC=3D?= plain"), "a ü= plain") << "as Amazon sends it back";
    EXPECT_EQ(decode_metadata("=?utf-8?b?w7w=?= =?UTF-8?Q?b?="), "üb") << "white space between words is none";
    for (const char* kept :
         {"=?UTF-8?X?w7w=?=", "=?UTF-8?B?*?=", "=?latin1?Q?=FC?=", "a=?b", "=?UTF-8?Q?%41?="})
        EXPECT_EQ(decode_metadata(kept), kept) << "what is no word stays";
}

TEST(S3Headers, EveryValueComesBack) {
    std::mt19937 random(42);
    static constexpr std::string_view pieces[]{
        "a", " ", "ü", "=?", "?=", "日本", "_", "%", "=", "\xf0\x9f\x8e\xb5", "  "};
    for (int i = 0; i < 2000; ++i) {
        std::string value;
        for (std::size_t n = random() % 60; n > 0; --n) value += pieces[random() % std::size(pieces)];
        const std::string encoded = encode_metadata(value);
        ASSERT_EQ(decode_metadata(encoded), value) << encoded;
        for (const char c : encoded) ASSERT_TRUE(c >= 0x20 && c < 0x7f) << encoded;
    }
}

net::HttpResponse response(std::vector<std::pair<std::string, std::string>> headers) {
    net::HttpResponse out;
    out.status = 200;
    out.headers = std::move(headers);
    return out;
}

TEST(S3Headers, WritesAndReadsAttributes) {
    const Key key = Key::parse("a.flac");
    const aws::NameValues sent = attribute_headers(key, {"", {{"pitch_id", "7"}}}, "token");
    EXPECT_EQ(sent, (aws::NameValues{{"content-type", "audio/flac"},
                                     {"x-amz-meta-pitch_id", "7"},
                                     {"x-amz-meta-fadeout-upload", "token"}}));
    auto got = response({{"content-length", "12"},
                         {"content-type", "audio/flac"},
                         {"etag", "\"abc\""},
                         {"last-modified", "Sun, 06 Nov 1994 08:49:37 GMT"},
                         {"x-amz-meta-pitch-id", "7"},
                         {"x-amz-meta-fadeout-upload", "token"}});
    const ObjectHead head = parse_head(key, got);
    EXPECT_EQ(head.info.size_bytes, 12u);
    EXPECT_EQ(head.info.etag, "abc");
    EXPECT_EQ(unix_seconds(head.info.modified), 784111777);
    EXPECT_EQ(head.attributes.metadata, (std::map<std::string, std::string>{{"pitch-id", "7"}}))
        << "no token";
    EXPECT_EQ(upload_token(got), "token");
    got.headers.emplace_back("content-range", "bytes 0-11/5000");
    EXPECT_EQ(parse_head(key, got).info.size_bytes, 5000u) << "of the object, not of the range";
    EXPECT_THROW(parse_head(key, response({{"content-length", "12"}})), Error);
}

}  // namespace
}  // namespace fadeout::storage::s3
