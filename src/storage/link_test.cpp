#include "storage/link.h"

#include <gtest/gtest.h>

namespace fadeout::storage {
namespace {

TEST(PublicUrl, IsTakenApart) {
    const PublicUrl url = PublicUrl::parse("HTTPS://Audio.Example.org:8443/Below/x//");
    EXPECT_EQ(url.origin, "https://audio.example.org:8443");
    EXPECT_EQ(url.host, "audio.example.org:8443");
    EXPECT_EQ(url.path, "/Below/x");
    EXPECT_EQ(PublicUrl::parse("http://[::1]:8080").host, "[::1]:8080");
}

TEST(PublicUrl, LeavesTheDefaultPortOut) {
    EXPECT_EQ(PublicUrl::parse("http://h:80").host, "h");
    EXPECT_EQ(PublicUrl::parse("https://h:443/").origin, "https://h");
    EXPECT_EQ(PublicUrl::parse("https://h:80").host, "h:80");
    EXPECT_EQ(PublicUrl::parse("http://h:8080").host, "h:8080");
}

TEST(PublicUrl, RefusesWhatIsNone) {
    for (const char* text :
         {"", "h", "h:80", "ftp://h", "http://", "http:///x", "http://:80", "http://h:", "http://u@h",
          "http://h?x", "http://h#x", "http://h h", "http://h\r\n", "http://\xc3\xbc", "http://h/\"x"})
        EXPECT_THROW(PublicUrl::parse(text), Error) << text;
}

TEST(ObjectPath, IsTheInverseOfALinksPath) {
    const PublicUrl base = PublicUrl::parse("http://h/below");
    const Key key = Key::parse("a b/%2f+ü~.mp3");
    const LinkRequest link = link_request(base, "audio", LinkMethod::get, key, {});
    EXPECT_EQ(link.path, "/below/objects/audio/a%20b/%252f%2B%C3%BC~.mp3");
    const auto object = parse_object_path(base, link.path);
    ASSERT_TRUE(object);
    EXPECT_EQ(object->bucket, "audio");
    EXPECT_EQ(object->key, key.str());
    EXPECT_EQ(object->signed_path, link.path);
    const auto without = parse_object_path(base, link.path.substr(6));
    ASSERT_TRUE(without);
    EXPECT_EQ(without->signed_path, link.path);
    for (const char* path : {"", "/", "/objects", "/objects/", "/objects/b", "/other/b/k", "/objects/b/%",
                             "/objects/b/%zz", "/objectsx/b/k", "/below/other"})
        EXPECT_FALSE(parse_object_path(base, path)) << path;
}

TEST(KeyBelow, IsTheKeyThatAUrlNames) {
    const PublicUrl base = served_bucket(PublicUrl::parse("https://audio.example.org/below"), "audio");
    const auto key = [&](const std::string& url) {
        const auto found = key_below(base, url);
        return found ? found->str() : "";
    };
    EXPECT_EQ(key("https://audio.example.org/below/objects/audio/temp/x%20y.mp3?X-Amz-Date=1#t"),
              "temp/x y.mp3");
    EXPECT_EQ(key("HTTPS://Audio.Example.Org:443/below/objects/audio/x"), "x");
    for (const char* url :
         {"https://audio.example.org/objects/audio/x", "https://audio.example.org/below/objects/other/x",
          "http://audio.example.org/below/objects/audio/x",
          "https://audio.example.org:8443/below/objects/audio/x",
          "https://user@audio.example.org/below/objects/audio/x",
          "https://audio.example.org/below/objects/audio", "https://audio.example.org/below/objects/audio/",
          "https://audio.example.org/below/objects/audiox",
          "https://audio.example.org/below/objects/audio/../x",
          "https://audio.example.org/below/objects/audio/%zz"})
        EXPECT_EQ(key(url), "") << url;
    EXPECT_EQ(key_below(std::vector{base, PublicUrl::parse("https://cdn.example.org")},
                        "https://cdn.example.org/a/b"),
              Key::parse("a/b"));
}

TEST(ContentDisposition, NamesAnyFileSafely) {
    EXPECT_EQ(content_disposition("a b.mp3"), "attachment; filename=\"a b.mp3\"; filename*=UTF-8''a%20b.mp3");
    const std::string hostile = content_disposition("x\"; filename=y\r\nSet-Cookie: z\\%41/ü");
    EXPECT_EQ(hostile.find_first_of("\r\n\\"), std::string::npos) << hostile;
    EXPECT_EQ(hostile.substr(0, hostile.find("; filename*")),
              "attachment; filename=\"x_; filename=y__Set-Cookie: z__41__\"");
    for (const char c : hostile) EXPECT_TRUE(c >= 0x20 && c < 0x7f);
}

}  // namespace
}  // namespace fadeout::storage
