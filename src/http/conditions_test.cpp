#include "http/conditions.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "base/http_date.h"

namespace fadeout::http {
namespace {

using Answer = std::variant<WholeObject, ByteRange, Unsatisfiable>;

/// The offsets that a valid single range selects, straight from RFC 9110 section 14.1.2.
std::set<std::uint64_t> selected(std::optional<std::uint64_t> first, std::optional<std::uint64_t> last,
                                 std::uint64_t total) {
    std::set<std::uint64_t> offsets;
    for (std::uint64_t i = 0; i < total; ++i) {
        const bool suffix = !first && total - i <= *last;
        const bool inside = first && i >= *first && (!last || i <= *last);
        if (suffix || inside) offsets.insert(i);
    }
    return offsets;
}

TEST(Range, AgreesWithAnOracle) {
    std::mt19937 random(7);
    for (int round = 0; round < 20'000; ++round) {
        const std::uint64_t total = random() % 8;
        std::optional<std::uint64_t> first, last;
        if (random() % 4 != 0) first = random() % 10;
        if (!first || random() % 4 != 0) last = random() % 10;
        std::string value = "bytes=";
        if (first) value += std::to_string(*first);
        value += '-';
        if (last) value += std::to_string(*last);
        const Answer answer = parse_range(value, total);
        if (first && last && *last < *first) {
            EXPECT_EQ(answer, Answer(WholeObject{})) << value;
            continue;
        }
        const auto offsets = selected(first, last, total);
        if (offsets.empty())
            EXPECT_EQ(answer, Answer(Unsatisfiable{})) << value << " of " << total;
        else
            EXPECT_EQ(answer, Answer(ByteRange{*offsets.begin(), offsets.size()}))
                << value << " of " << total;
    }
}

TEST(Range, AnythingElseIsTheWholeObject) {
    for (const std::string_view value :
         {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=1-2,4-5", "items=0-1", "bytes=0x1-2",
          "bytes=+1-2", "bytes=1 - 2", "bytes=--1", "bytes=1-2-3"})
        EXPECT_EQ(parse_range(value, 10), Answer(WholeObject{})) << value;
}

TEST(Range, SurvivesHugeNumbers) {
    EXPECT_EQ(parse_range("bytes=0-99999999999999999999999", 10), Answer(ByteRange{0, 10}));
    EXPECT_EQ(parse_range("bytes=99999999999999999999999-", 10), Answer(Unsatisfiable{}));
    EXPECT_EQ(parse_range("bytes=-99999999999999999999999", 10), Answer(ByteRange{0, 10}));
    EXPECT_EQ(parse_range("bytes=0-", UINT64_MAX), Answer(ByteRange{0, UINT64_MAX}));
}

TEST(Conditions, IfNoneMatch) {
    EXPECT_TRUE(matches_etag("\"a\"", "a"));
    EXPECT_TRUE(matches_etag("\"b\", W/\"a\"", "a"));
    EXPECT_TRUE(matches_etag("*", "a"));
    EXPECT_FALSE(matches_etag("a", "a"));
    EXPECT_FALSE(matches_etag("\"ab\"", "a"));
}

TEST(Conditions, TheTagWinsOverTheDate) {
    const Time modified = std::chrono::sys_days(std::chrono::year(2026) / 3 / 4) + Duration(5'250);
    Request request;
    request.headers = {{"If-Modified-Since", format_http_date(modified)}};
    EXPECT_TRUE(is_not_modified(request, "a", modified));
    EXPECT_FALSE(is_not_modified(request, "a", modified + std::chrono::seconds(1)));
    request.headers.emplace_back("If-None-Match", "\"old\"");
    EXPECT_FALSE(is_not_modified(request, "a", modified));
}

TEST(Conditions, IfRangeComparesStrongly) {
    const Time modified = std::chrono::sys_days(std::chrono::year(2026) / 3 / 4) + Duration(5'250);
    const auto applies = [&](const std::string& value) {
        Request request;
        request.headers = {{"If-Range", value}};
        return range_applies(request, "a", modified);
    };
    EXPECT_TRUE(range_applies(Request{}, "a", modified));
    EXPECT_TRUE(applies("\"a\""));
    EXPECT_FALSE(applies("W/\"a\""));
    EXPECT_FALSE(applies("\"b\""));
    EXPECT_TRUE(applies(format_http_date(modified)));
    EXPECT_FALSE(applies(format_http_date(modified + std::chrono::seconds(1))));
    EXPECT_FALSE(applies("yesterday"));
}

TEST(HttpDate, WritesAndReadsTheStandardsExample) {
    const Time t = std::chrono::sys_days(std::chrono::year(1994) / 11 / 6) + std::chrono::hours(8) +
                   std::chrono::minutes(49) + std::chrono::seconds(37);
    EXPECT_EQ(format_http_date(t), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), t);
}

TEST(HttpDate, ReadsBackWhatItWrites) {
    std::mt19937_64 random(11);
    for (int round = 0; round < 5'000; ++round) {
        const Time t = from_unix_seconds(static_cast<long long>(random() % 4'000'000'000ULL));
        ASSERT_EQ(parse_http_date(format_http_date(t)), t);
    }
}

TEST(HttpDate, RefusesWhatIsNone) {
    for (const std::string_view text :
         {"", "Mon, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
          "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Nix 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 UTC",
          "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, -6 Nov 1994 08:49:37 GMT"})
        EXPECT_FALSE(parse_http_date(text)) << text;
}

}  // namespace
}  // namespace fadeout::http
