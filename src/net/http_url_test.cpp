#include "net/http_url.h"

#include <gtest/gtest.h>

namespace fadeout::net {
namespace {

TEST(HttpUrl, KeepsTheHostThatIsConnectedTo) {
    const auto host = [](const std::string& url) { return HttpUrl::parse(url).value().host(); };
    EXPECT_EQ(host("http://media.example.com/a"), "media.example.com");
    EXPECT_EQ(host("HTTPS://user:pw@h:8443/a@b"), "h");
    EXPECT_EQ(host("http://[2001:db8::1]:80/"), "2001:db8::1");
    EXPECT_EQ(host("http://0x7f.1/"), "127.0.0.1");
    EXPECT_EQ(host("http://good.example#@evil.example/"), "good.example");
    EXPECT_EQ(host("http://good.example?@evil.example/"), "good.example");
}

TEST(HttpUrl, LongOnesAreRefused) {
    EXPECT_TRUE(HttpUrl::parse("http://h/" + std::string(8000, 'x')));
    EXPECT_FALSE(HttpUrl::parse("http://h/" + std::string(8192, 'x')));
}

TEST(HttpUrl, ResolvesLocations) {
    const HttpUrl base = HttpUrl::parse("https://user:pw@h:8443/a/b.mp3?sig=1").value();
    const auto resolved = [&](const std::string& reference) {
        const auto url = base.resolve(reference);
        return url ? url->str() : "refused";
    };
    EXPECT_EQ(resolved("/c/../d?x=%2f"), "https://user:pw@h:8443/c/../d?x=%2f");
    EXPECT_EQ(resolved("c.mp3"), "https://user:pw@h:8443/a/c.mp3");
    EXPECT_EQ(resolved("http://h:8443/c"), "http://h:8443/c") << "no credentials";
    EXPECT_EQ(resolved("//other/c"), "https://other/c") << "no credentials";
    EXPECT_EQ(resolved("file:///etc/passwd"), "refused");
    EXPECT_EQ(resolved("javascript:alert(1)"), "refused");
    EXPECT_EQ(resolved("http://a b/"), "refused");
}

TEST(HttpUrl, TellsOriginAndPath) {
    const auto url = HttpUrl::parse("HTTPS://user:pw@Example.COM/a/../B%2f?x=1#y");
    EXPECT_EQ(url->origin(), "https://example.com:443");
    EXPECT_EQ(url->path(), "/a/../B%2f");
    EXPECT_EQ(HttpUrl::parse("http://[::1]:8080")->origin(), "http://[::1]:8080");
    EXPECT_EQ(HttpUrl::parse("http://[::1]:8080")->path(), "/");
}

}  // namespace
}  // namespace fadeout::net
