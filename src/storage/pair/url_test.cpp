#include "storage/pair/url.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace fadeout::storage {
namespace {

TEST(PairUrl, OtherUrlsAreNone) {
    for (const char* url : {"", "s3://bucket", "file:///dir", "mirrored:s3://a,s3://b"})
        EXPECT_FALSE(parse_pair_url(url)) << url;
}

TEST(PairUrl, TakesTwoStoresApart) {
    const auto mirror = parse_pair_url("mirror:file:///data/objects,s3://audio?region=eu-central-1");
    ASSERT_TRUE(mirror);
    EXPECT_EQ(mirror->kind, PairKind::mirror);
    EXPECT_EQ(mirror->first, "file:///data/objects");
    EXPECT_EQ(mirror->second, "s3://audio?region=eu-central-1");
    EXPECT_EQ(parse_pair_url("failover:s3://a,r2://b?account=x")->kind, PairKind::failover);
}

TEST(PairUrl, QueryValuesAndPathsMayBeWrittenPlainly) {
    const auto url =
        parse_pair_url("failover:s3://a?endpoint=http://127.0.0.1:8000&path_style=1,file:///with,comma/dir");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->first, "s3://a?endpoint=http://127.0.0.1:8000&path_style=1");
    EXPECT_EQ(url->second, "file:///with,comma/dir");
}

TEST(PairUrl, RefusesWhatIsNotTwoPlainStores) {
    for (const char* url :
         {"mirror:", "mirror:s3://a", "mirror:s3://a,", "mirror:,s3://a", "mirror:s3://a,b",
          "mirror:s3://a,s3://b,s3://c", "failover:mirror:s3://a,s3://b", "mirror:ftp://a,s3://b"})
        EXPECT_THROW(parse_pair_url(url), Error) << url;
}

}  // namespace
}  // namespace fadeout::storage
