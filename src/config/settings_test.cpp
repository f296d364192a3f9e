#include "config/settings.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace fadeout::config {
namespace {

TEST(Listen, ReadsHostsPortsAndBrackets) {
    EXPECT_EQ(parse_listen("127.0.0.1:8080").host, "127.0.0.1");
    EXPECT_EQ(parse_listen("127.0.0.1:8080").port, 8080);
    EXPECT_EQ(parse_listen("[::1]:0").host, "::1");
    EXPECT_EQ(parse_listen("[::1]:0").port, 0);
    EXPECT_EQ(parse_listen(":80").host, "");
    EXPECT_EQ(parse_listen("some-host:65535").port, 65535);
}

TEST(Listen, RefusesWhatIsNoAddress) {
    for (const char* text :
         {"", "8080", "host", "host:", "host:x", "host:1x", "host:65536", "host:-1", "::1:80", "[::1]80",
          "[::1:80", "::1]:80", "[host]:80", "http://host:80", "a b:80", "u@h:80"})
        EXPECT_THROW(parse_listen(text), Error) << text;
}

TEST(Listen, KnowsLoopback) {
    for (const char* text : {"127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "localhost:1", "LOCALHOST:1"})
        EXPECT_TRUE(is_loopback(parse_listen(text))) << text;
    for (const char* text : {":1", "0.0.0.0:1", "[::]:1", "10.0.0.1:1", "example.org:1"})
        EXPECT_FALSE(is_loopback(parse_listen(text))) << text;
}

TEST(PublicUrl, IsDerivedFromTheListenAddress) {
    Settings s;
    EXPECT_EQ(public_url(s), "http://127.0.0.1:8080");
    s.http.listen = "[::1]:9000";
    EXPECT_EQ(public_url(s), "http://[::1]:9000");
    for (const char* every : {"0.0.0.0:80", ":80", "[::]:80"}) {
        s.http.listen = every;
        EXPECT_EQ(public_url(s), "http://localhost:80") << every;
    }
    s.public_url = "https://audio.example.com/";
    EXPECT_EQ(public_url(s), "https://audio.example.com");
}

TEST(ServerRules, KeysOrPermissionBeyondLoopback) {
    Settings s;
    EXPECT_NO_THROW(check_server(s));
    s.http.listen = "0.0.0.0:8080";
    EXPECT_THROW(check_server(s), Error);
    s.http.api_key_file = "keys";
    EXPECT_NO_THROW(check_server(s));
    s.http.api_key_file = "";
    s.http.listen_without_keys = true;
    EXPECT_NO_THROW(check_server(s));
}

TEST(JoinedRules, AJobMayBeAsLongAsARequestAndASourceStallsBeforeItEnds) {
    Settings s;
    EXPECT_NO_THROW(check(s));
    s.speech.max_characters = s.speech.max_job_characters + 1;
    EXPECT_THROW(check(s), Error);
    s = Settings{};
    s.source.total_timeout = s.source.stall_timeout - Duration(1);
    EXPECT_THROW(check(s), Error);
}

}  // namespace
}  // namespace fadeout::config
