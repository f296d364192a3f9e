#include "net/content_range.h"

#include <gtest/gtest.h>

namespace fadeout::net {
namespace {

TEST(ContentRange, ReadsWhatRfc9110Allows) {
    EXPECT_EQ(parse_content_range("bytes 0-99/1000"), (ContentRange{0, 99, 1000}));
    EXPECT_EQ(parse_content_range("bytes 999-999/1000"), (ContentRange{999, 999, 1000}));
    EXPECT_EQ(parse_content_range(" Bytes 5-6/* "), (ContentRange{5, 6, std::nullopt}));
    EXPECT_EQ(parse_content_range("bytes 0-18446744073709551614/18446744073709551615"),
              (ContentRange{0, UINT64_MAX - 1, UINT64_MAX}));
}

TEST(ContentRange, AnUnsatisfiedRangeMayTellTheTotal) {
    EXPECT_EQ(parse_unsatisfied_range(" Bytes */1000 "), 1000u);
    for (const char* bad : {"", "bytes", "bytes */*", "bytes 0-9/1000", "*/1000", "bytes */1000x"})
        EXPECT_FALSE(parse_unsatisfied_range(bad)) << bad;
}

TEST(ContentRange, RefusesTheRest) {
    for (const char* bad :
         {"", "bytes", "bytes */1000", "bytes 0-99", "0-99/1000", "bytes=0-99/1000", "items 0-9/10",
          "bytes 10-9/100", "bytes 0-100/100", "bytes 0-0/0", "bytes -1-5/10", "bytes +1-5/10",
          "bytes 1 -5/10", "bytes 1-5/10x", "bytes 1/5-10", "bytes 0-1,3-4/10",
          "bytes 0-18446744073709551616/*", "bytes 0-1/", "bytes 0-1/**"})
        EXPECT_FALSE(parse_content_range(bad)) << bad;
}

}  // namespace
}  // namespace fadeout::net
