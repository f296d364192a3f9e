#include "aws/sigv4.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "base/error.h"
#include "base/text.h"

namespace fadeout::aws {
namespace {

using std::chrono::seconds;

// The example of the Amazon S3 API Reference, "Signature Calculations".
const Credentials example{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""};
const Time example_time = from_unix_seconds(1369353600);  // 2013-05-24T00:00:00Z
const LinkScope example_scope{"examplebucket.s3.amazonaws.com", "us-east-1", "s3"};

std::string sign_s3(CanonicalRequest request) {
    request.headers.emplace_back("Host", example_scope.host);
    request.headers.emplace_back("x-amz-content-sha256", request.payload_hash);
    request.headers.emplace_back("x-amz-date", "20130524T000000Z");
    return signature(request, example, example_time, "us-east-1", "s3");
}

TEST(SigV4, PublishedS3Vectors) {
    const std::string empty = sha256_hex("");
    EXPECT_EQ(empty, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sign_s3({"GET", "/test.txt", {}, {{"Range", "bytes=0-9"}}, empty}),
              "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
    EXPECT_EQ(
        sign_s3({"PUT",
                 "/test%24file.text",
                 {},
                 {{"Date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
                 sha256_hex("Welcome to Amazon S3.")}),
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
    EXPECT_EQ(sign_s3({"GET", "/", {{"lifecycle", ""}}, {}, empty}),
              "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
    EXPECT_EQ(sign_s3({"GET", "/", {{"prefix", "J"}, {"max-keys", "2"}}, {}, empty}),
              "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(SigV4, PublishedPresignedLink) {
    EXPECT_EQ(presign("GET", "/test.txt", seconds(86400), example_scope, example, example_time),
              "X-Amz-Algorithm=AWS4-HMAC-SHA256"
              "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
              "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
              "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

// The cases below are those of AWS' aws-sig-v4-test-suite ("service", 20150830T123600Z).
const Credentials suite{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""};
const Time suite_time = from_unix_seconds(1440938160);

std::string sign_suite(const std::string& method, const std::string& path, const NameValues& query,
                       NameValues headers = {}) {
    headers.emplace_back("Host", "example.amazonaws.com");
    headers.emplace_back("X-Amz-Date", "20150830T123600Z");
    return signature({method, path, query, headers, sha256_hex("")}, suite, suite_time, "us-east-1",
                     "service");
}

TEST(SigV4, TestSuiteVectors) {
    const std::string vanilla = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
    EXPECT_EQ(sign_suite("GET", "/", {}), vanilla);
    EXPECT_EQ(sign_suite("POST", "/", {}),
              "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
    EXPECT_EQ(sign_suite("GET", "/", {{"Param2", "value2"}, {"Param1", "value1"}}),
              "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
    EXPECT_EQ(sign_suite("GET", "/%E1%88%B4", {}),
              "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85");
}

TEST(SigV4, ARememberedKeyIsForItsOwnSecretDayRegionAndService) {
    const CanonicalRequest request{"GET", "/", {}, {{"host", "h"}}, sha256_hex("")};
    const auto sign = [&](const std::string& secret, int day, const char* region, const char* service) {
        return signature(request, {"id", secret, ""}, example_time + std::chrono::days(day), region, service);
    };
    const std::string first = sign("a", 0, "r", "s");
    EXPECT_EQ(first, "cee643396b19edd16f23efc6047992d221b64a111dbce1bd588db79e01906edc");
    std::set<std::string> different{first};
    for (const std::string& other : {sign("b", 0, "r", "s"), sign("b", 1, "r", "s"), sign("b", 1, "q", "s"),
                                     sign("b", 1, "q", "t"), sign("a", 1, "q", "t")})
        EXPECT_TRUE(different.insert(other).second);
    EXPECT_EQ(sign("a", 0, "r", "s"), first);
}

TEST(SigV4, AuthorizationHeader) {
    const CanonicalRequest request{"GET",
                                   "/",
                                   {},
                                   {{"Host", "example.amazonaws.com"}, {"X-Amz-Date", "20150830T123600Z"}},
                                   sha256_hex("")};
    EXPECT_EQ(authorization(request, suite, suite_time, "us-east-1", "service"),
              "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
              "SignedHeaders=host;x-amz-date, "
              "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
}

TEST(SigV4, HeadersAreTrimmedJoinedAndSorted) {
    const auto base = sign_suite("GET", "/", {}, {{"My-A", "a b c"}, {"my-b", "1,2"}});
    EXPECT_EQ(sign_suite("GET", "/", {}, {{"MY-B", " 1 "}, {"my-b", "2"}, {"my-a", "  a   b\t c "}}), base);
    EXPECT_NE(sign_suite("GET", "/", {}, {{"MY-B", "2"}, {"my-b", "1"}, {"my-a", "a b c"}}), base)
        << "the values of a repeated name keep their order";
    EXPECT_NE(sign_suite("GET", "/", {}, {{"My-A", "a  b c"}, {"my-b", "1,2"}, {"my-c", ""}}), base);
}

/// The query inside a link, without its signature: shows canonicalisation in the open.
std::string canonical_extra(const NameValues& extra) {
    const std::string query = presign("GET", "/", seconds(1), example_scope, example, example_time, extra);
    return query.substr(0, query.find("X-Amz-Algorithm"));
}

TEST(SigV4, QueryIsEncodedThenSorted) {
    EXPECT_EQ(canonical_extra({{"A", ""}}), "A=&");
    EXPECT_EQ(canonical_extra({{"A", "b"}, {"A", "a"}, {"A", ""}}), "A=&A=a&A=b&")
        << "repeated names sort by value";
    EXPECT_EQ(canonical_extra({{"A b", "c d+e"}}), "A%20b=c%20d%2Be&") << "a space is %20, never a plus";
    EXPECT_EQ(canonical_extra({{"A-._~1", "-._~"}}), "A-._~1=-._~&");
    EXPECT_EQ(canonical_extra({{"\u1234", "gr\u00fc\u00df"}}), "%E1%88%B4=gr%C3%BC%C3%9F&");
    EXPECT_EQ(canonical_extra({{"A/", "/"}, {"A", "&=?"}}), "A=%26%3D%3F&A%2F=%2F&");
    // Sorted by name alone, not by "name=value": "A-" would come before "A=".
    EXPECT_EQ(canonical_extra({{"A-", "1"}, {"A", "2"}}), "A=2&A-=1&");
}

const Credentials link_key{"fadeout", "0f1e2d3c4b5a", ""};
const LinkScope link_scope{"localhost:8080", "local", "s3"};
const Time link_time = from_unix_seconds(1'790'000'000);

struct SampleLink {
    std::string method = "GET";
    std::string path = "/objects/main/pitches/7/a%20%2B%20b.mp3";
    std::string query;
    NameValues headers;
};

SampleLink make_link(std::string method = "GET", NameValues extra = {}, NameValues headers = {}) {
    SampleLink link;
    link.method = std::move(method);
    link.query =
        presign(link.method, link.path, seconds(600), link_scope, link_key, link_time, extra, headers);
    link.headers = std::move(headers);
    return link;
}

LinkCheck check(const SampleLink& link, Time now = link_time) {
    return check_link(link.method, link.path, link.query, link.headers, link_scope, link_key, now);
}

TEST(SignedLink, IsGoodUntilTheSecondItEnds) {
    const SampleLink link = make_link();
    EXPECT_FALSE(check(link, link_time).fault);
    EXPECT_FALSE(check(link, link_time + seconds(600) - Duration(1)).fault);
    EXPECT_EQ(check(link, link_time + seconds(600)).fault, LinkFault::expired);
    EXPECT_EQ(check(link, link_time + seconds(601)).fault, LinkFault::expired);
    EXPECT_FALSE(check(link, link_time - seconds(900)).fault) << "another node's clock may be 15 min behind";
    EXPECT_EQ(check(link, link_time - seconds(901)).fault, LinkFault::not_yet_valid);
}

TEST(SignedLink, IsSignedForTheWholeSecond) {
    const std::string a = presign("GET", "/k", seconds(600), link_scope, link_key, link_time);
    EXPECT_EQ(presign("GET", "/k", seconds(600), link_scope, link_key, link_time + Duration(999)), a);
    EXPECT_NE(presign("GET", "/k", seconds(600), link_scope, link_key, link_time + Duration(1000)), a);
}

TEST(SignedLink, ExpiryIsOneSecondToSevenDays) {
    const auto made = [](Duration expires) {
        return presign("GET", "/k", expires, link_scope, link_key, link_time);
    };
    for (const Duration bad : {Duration(0), Duration(999), Duration(1001), Duration(-1000),
                               Duration(std::chrono::days(7)) + seconds(1), Duration::max()}) {
        EXPECT_THROW(made(bad), Error) << bad.count();
    }
    EXPECT_NO_THROW(made(seconds(1)));
    EXPECT_NO_THROW(made(std::chrono::days(7)));
}

TEST(SignedLink, IsForOneMethodAndHeadGoesWithGet) {
    const auto fault = [](const std::string& made_for, const std::string& used_as) {
        SampleLink link = make_link(made_for);
        link.method = used_as;
        return check(link).fault;
    };
    EXPECT_FALSE(fault("GET", "GET"));
    EXPECT_FALSE(fault("GET", "HEAD"));
    EXPECT_FALSE(fault("HEAD", "HEAD"));
    EXPECT_FALSE(fault("PUT", "PUT"));
    EXPECT_EQ(fault("HEAD", "GET"), LinkFault::signature);
    EXPECT_EQ(fault("PUT", "HEAD"), LinkFault::signature);
    EXPECT_EQ(fault("PUT", "GET"), LinkFault::signature);
    EXPECT_EQ(fault("GET", "PUT"), LinkFault::signature);
    EXPECT_EQ(fault("GET", "DELETE"), LinkFault::signature);
    EXPECT_EQ(fault("GET", "get"), LinkFault::signature);
}

TEST(SignedLink, AnyChangedCharacterIsRefused) {
    const SampleLink link =
        make_link("GET", {{"response-content-disposition", "attachment; filename=\"\u00fc.mp3\""}});
    ASSERT_FALSE(check(link).fault);
    // Every position, against its neighbours in the alphabet, the other case, and what URLs treat alike.
    for (const bool in_path : {true, false}) {
        const std::string& original = in_path ? link.path : link.query;
        for (std::size_t i = 0; i < original.size(); ++i) {
            for (const int c : {original[i] + 1, original[i] - 1, original[i] ^ 0x20, int{'%'}, int{'+'},
                                int{'&'}, int{'='}, int{'/'}, int{'a'}, int{'0'}, 0}) {
                if (c == original[i]) continue;
                SampleLink changed = link;
                (in_path ? changed.path : changed.query)[i] = static_cast<char>(c);
                ASSERT_TRUE(check(changed).fault) << original << " at " << i << " to " << c;
            }
            SampleLink shorter = link;
            (in_path ? shorter.path : shorter.query).erase(i, 1);
            ASSERT_TRUE(check(shorter).fault) << original << " without " << i;
        }
    }
}

TEST(SignedLink, ParametersAddedMissingOrDoubledAreRefused) {
    const SampleLink link = make_link();
    const auto with = [&](const std::string& query) {
        SampleLink changed = link;
        changed.query = query;
        return check(changed).fault;
    };
    for (const std::string added :
         {"a=1", "a", "", "=", "x-id=GetObject", "versionId=1", "X-Amz-Extra=1",
          "response-content-type=text%2Fhtml", "response-cache-control=", "uploadId=2"}) {
        EXPECT_TRUE(with(link.query + "&" + added)) << added;
        EXPECT_TRUE(with(added + "&" + link.query)) << added;
    }
    const auto pairs = split(link.query, '&');
    for (std::size_t drop = 0; drop < pairs.size(); ++drop) {
        std::string rest;
        for (std::size_t i = 0; i < pairs.size(); ++i)
            if (i != drop) rest += (rest.empty() ? "" : "&") + std::string(pairs[i]);
        EXPECT_EQ(with(rest), LinkFault::malformed) << "without " << pairs[drop];
        EXPECT_EQ(with(link.query + "&" + std::string(pairs[drop])), LinkFault::malformed)
            << "twice " << pairs[drop];
        EXPECT_FALSE(with(std::string(pairs[drop]) + "&" + rest))
            << "the order of parameters does not matter";
    }
    EXPECT_EQ(with(""), LinkFault::malformed);
}

TEST(SignedLink, ResponseParametersAreSigned) {
    const NameValues extra{{"response-content-disposition", "attachment; filename=\"a b.mp3\""},
                           {"response-content-type", "audio/mpeg"}};
    const SampleLink link = make_link("GET", extra);
    const LinkCheck good = check(link);
    ASSERT_FALSE(good.fault);
    EXPECT_EQ(good.extra, extra);
    SampleLink changed = link;
    changed.query.replace(changed.query.find("audio%2Fmpeg"), 12, "text%2Fhtml");
    EXPECT_EQ(check(changed).fault, LinkFault::signature);
}

TEST(SignedLink, SignedHeadersMustComeUnchanged) {
    SampleLink link = make_link("PUT", {}, {{"Content-Type", "audio/mpeg"}});
    const LinkCheck good = check(link);
    ASSERT_FALSE(good.fault);
    EXPECT_EQ(good.required_headers, (NameValues{{"content-type", "audio/mpeg"}}));
    link.headers = {{"content-TYPE", " audio/mpeg "}, {"Content-Length", "5"}, {"Host", "elsewhere"}};
    EXPECT_FALSE(check(link).fault) << "other headers, and the Host that arrived, are not signed";
    link.headers = {{"content-type", "text/html"}};
    EXPECT_EQ(check(link).fault, LinkFault::signature);
    link.headers = {{"content-type", "audio/mpeg"}, {"content-type", "text/html"}};
    EXPECT_EQ(check(link).fault, LinkFault::signature);
    link.headers.clear();
    EXPECT_EQ(check(link).fault, LinkFault::signature);
}

TEST(SignedLink, IsForOneKeyHostRegionAndService) {
    const SampleLink link = make_link();
    const auto fault = [&](const LinkScope& scope, const Credentials& key) {
        return check_link(link.method, link.path, link.query, {}, scope, key, link_time).fault;
    };
    EXPECT_FALSE(fault(link_scope, link_key));
    EXPECT_EQ(fault(link_scope, {"other", "0f1e2d3c4b5a", ""}), LinkFault::wrong_key);
    EXPECT_EQ(fault(link_scope, {"fadeout", "0f1e2d3c4b5a", "token"}), LinkFault::wrong_key);
    EXPECT_EQ(fault(link_scope, {"fadeout", "0f1e2d3c4b5b", ""}), LinkFault::signature);
    EXPECT_EQ(fault({"localhost:8081", "local", "s3"}, link_key), LinkFault::signature);
    EXPECT_EQ(fault({"localhost:8080", "eu", "s3"}, link_key), LinkFault::malformed);
    EXPECT_EQ(fault({"localhost:8080", "local", "sqs"}, link_key), LinkFault::malformed);
}

TEST(SignedLink, CarriesASessionToken) {
    const Credentials temporary{"ASIA", "secret", "to/ken+=="};
    const std::string query = presign("GET", "/k", seconds(60), link_scope, temporary, link_time);
    EXPECT_NE(query.find("X-Amz-Security-Token=to%2Fken%2B%3D%3D"), std::string::npos);
    EXPECT_FALSE(check_link("GET", "/k", query, {}, link_scope, temporary, link_time).fault);
    EXPECT_EQ(check_link("GET", "/k", query, {}, link_scope, {"ASIA", "secret", ""}, link_time).fault,
              LinkFault::wrong_key);
}

std::string random_text(std::mt19937& random, std::size_t most) {
    static const std::string alphabet = "aZ09-._~/ +%&=?#;,\"\\:@\x01\x7f\xc3\xa9";
    std::string out(random() % (most + 1), ' ');
    for (char& c : out) c = alphabet[random() % alphabet.size()];
    return out;
}

TEST(SignedLink, RandomLinksAreGoodAndTheirMutationsAreNot) {
    std::mt19937 random(20261120);
    for (int round = 0; round < 1000; ++round) {
        SampleLink link;
        link.path = "/objects/b/" + percent_encode(random_text(random, 40), true);
        link.method = random() % 2 == 0 ? "GET" : "PUT";
        NameValues extra, signed_with;
        if (random() % 2 == 0) extra.emplace_back("response-content-disposition", random_text(random, 30));
        if (random() % 2 == 0) signed_with.emplace_back("content-type", random_text(random, 20));
        link.headers = signed_with;
        const seconds expires(1 + random() % 604'800);
        link.query =
            presign(link.method, link.path, expires, link_scope, link_key, link_time, extra, signed_with);
        ASSERT_FALSE(check(link).fault) << link.path << '?' << link.query;
        ASSERT_EQ(check(link).extra, extra);
        ASSERT_EQ(check(link, link_time + expires).fault, LinkFault::expired);

        SampleLink changed = link;
        std::string& part = random() % 3 == 0 ? changed.path : changed.query;
        const std::size_t at = random() % part.size();
        const auto c = static_cast<char>(random() % 256);
        if (part[at] == c) continue;
        part[at] = c;
        ASSERT_TRUE(check(changed).fault) << changed.path << '?' << changed.query;
    }
}

}  // namespace
}  // namespace fadeout::aws
