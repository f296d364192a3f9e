#include "service/objects.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "storage/memory/memory_store.h"

namespace fadeout::service {
namespace {

using storage::Key;
using storage::LinkMethod;

constexpr Time start{std::chrono::sys_days(std::chrono::year(2026) / 11 / 20) + std::chrono::hours(15)};
const aws::Credentials credentials{"FADEKEY", "s3cr3t", {}};

class ObjectsTest : public testing::Test {
  protected:
    explicit ObjectsTest(const std::string& public_url = "https://audio.example.org:8443")
        : origin_(public_url),
          store_(clock_, {"audio", public_url, credentials, "eu-1"}),
          objects_(store_, clock_, credentials, public_url, "eu-1", 1 << 20) {}

    std::string link(LinkMethod method, const std::string& key, const storage::LinkOptions& options = {}) {
        return store_.presign(method, Key::parse(key), std::chrono::seconds(60), options);
    }
    /// Checks `url`, whose part before the path is taken off, as the server gets it.
    LinkGrant check(std::string_view method, std::string url, const aws::NameValues& headers = {}) {
        url.erase(0, url.find('/', url.find("://") + 3));
        const std::size_t mark = std::min(url.find('?'), url.size());
        return objects_.check(method, url.substr(0, mark), url.substr(std::min(mark + 1, url.size())),
                              headers);
    }
    std::string refusal(std::string_view method, const std::string& url,
                        const aws::NameValues& headers = {}) {
        try {
            check(method, url, headers);
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::denied) << error.what();
            return std::string(error.what()).substr(0, std::string_view(error.what()).find(':'));
        }
        return "(granted)";
    }
    /// A link signed with our key, but not by a store: with whatever query and headers.
    std::string sign(const std::string& method, const std::string& path, const aws::NameValues& extra,
                     const aws::NameValues& headers = {}) {
        return origin_ + path + "?" +
               aws::presign(method, path, std::chrono::seconds(60), {"audio.example.org:8443", "eu-1", "s3"},
                            credentials, clock_.now(), extra, headers);
    }

    std::string origin_;
    ManualClock clock_{start};
    storage::MemoryStore store_;
    Objects objects_;
};

TEST_F(ObjectsTest, GrantsWhatALinkAllows) {
    EXPECT_EQ(check("GET", link(LinkMethod::get, "a/söng 1.mp3")).key.str(), "a/söng 1.mp3");
    EXPECT_EQ(check("HEAD", link(LinkMethod::get, "a/b.mp3")).key.str(), "a/b.mp3");
    EXPECT_EQ(check("PUT", link(LinkMethod::put, "a/b.mp3")).key.str(), "a/b.mp3");
    EXPECT_EQ(check("GET", link(LinkMethod::get, "a"), {{"Host", "something.else"}}).key.str(), "a")
        << "whatever Host arrived";
}

TEST_F(ObjectsTest, RefusesEveryChange) {
    const std::string url = link(LinkMethod::get, "a/b.mp3");
    for (std::size_t i = url.find("/objects"); i < url.size(); ++i) {
        std::string changed = url;
        changed[i] = changed[i] == 'x' ? 'y' : 'x';
        EXPECT_NE(refusal("GET", changed), "(granted)") << changed;
    }
    EXPECT_EQ(refusal("GET", url + "&x=1"), "AuthorizationQueryParametersError");
    EXPECT_EQ(refusal("GET", url + "&X-Amz-Expires=60"), "AuthorizationQueryParametersError");
    EXPECT_EQ(refusal("GET", url.substr(0, url.find('?'))), "AccessDenied");
}

TEST_F(ObjectsTest, RefusesAnotherMethod) {
    EXPECT_EQ(refusal("PUT", link(LinkMethod::get, "a")), "SignatureDoesNotMatch");
    EXPECT_EQ(refusal("GET", link(LinkMethod::put, "a")), "SignatureDoesNotMatch");
    EXPECT_EQ(refusal("HEAD", link(LinkMethod::put, "a")), "SignatureDoesNotMatch");
    EXPECT_EQ(refusal("DELETE", link(LinkMethod::put, "a")), "AccessDenied");
    EXPECT_EQ(refusal("get", link(LinkMethod::get, "a")), "AccessDenied");
}

TEST_F(ObjectsTest, ALinkLivesToItsLastSecond) {
    const std::string url = link(LinkMethod::get, "a");
    clock_.advance(Duration(59'999));
    EXPECT_EQ(refusal("GET", url), "(granted)");
    clock_.advance(Duration(1));
    EXPECT_EQ(refusal("GET", url), "AccessDenied");
}

TEST_F(ObjectsTest, RefusesOtherBucketsAndNamesThatAreNoKeys) {
    EXPECT_EQ(refusal("GET", sign("GET", "/objects/other/a", {})), "AccessDenied");
    EXPECT_EQ(refusal("GET", sign("GET", "/other/audio/a", {})), "AccessDenied");
    EXPECT_EQ(refusal("GET", sign("GET", "/objects/audio", {})), "AccessDenied");
    for (const std::string name : {"", "..", "a/../b", "%2e%2e/a", ".unfinished/x", "a.mp3.fadeout-meta",
                                   "a//b", "a%00b", "a%5Cb", "%ff", "%zz"})
        EXPECT_EQ(refusal("GET", sign("GET", "/objects/audio/" + name, {})), "AccessDenied") << name;
}

TEST_F(ObjectsTest, OtherKeysAreRefused) {
    storage::MemoryStore other(clock_,
                               {"audio", "https://audio.example.org:8443", {"OTHER", "s3cr3t", {}}, "eu-1"});
    EXPECT_EQ(refusal("GET", other.presign(LinkMethod::get, Key::parse("a"), std::chrono::seconds(60), {})),
              "InvalidAccessKeyId");
}

TEST_F(ObjectsTest, AnUploadCarriesTheSignedContentType) {
    const std::string url =
        link(LinkMethod::put, "a.bin", {.content_type = "audio/flac", .download_filename = ""});
    EXPECT_EQ(check("PUT", url, {{"Content-Type", "audio/flac"}}).content_type, "audio/flac");
    EXPECT_EQ(refusal("PUT", url, {{"Content-Type", "text/html"}}), "SignatureDoesNotMatch");
    EXPECT_EQ(refusal("PUT", url), "SignatureDoesNotMatch");
}

TEST_F(ObjectsTest, OnlyKnownParametersAndHeadersAreUnderstood) {
    const auto ask = [&](const std::string& name, const std::string& value) {
        return sign("GET", "/objects/audio/a", {{name, value}});
    };
    EXPECT_EQ(check("GET", ask("response-content-type", "audio/mpeg")).content_type, "audio/mpeg");
    EXPECT_EQ(refusal("GET", ask("response-content-type", "text/html")), "InvalidArgument");
    EXPECT_EQ(refusal("GET", ask("response-cache-control", "no-store")), "InvalidArgument");
    EXPECT_EQ(refusal("GET", ask("response-content-disposition", "attachment\r\nX: y")), "InvalidArgument");
    EXPECT_EQ(refusal("GET", ask("response-content-disposition", "form-data; name=x")), "InvalidArgument");
    EXPECT_EQ(refusal("PUT", sign("PUT", "/objects/audio/a", {{"response-content-type", "audio/mpeg"}})),
              "InvalidArgument");
    EXPECT_EQ(refusal("PUT", sign("PUT", "/objects/audio/a", {}, {{"x-amz-acl", "public-read"}}),
                      {{"x-amz-acl", "public-read"}}),
              "NotImplemented");
}

TEST_F(ObjectsTest, DownloadsCarryASafeFileName) {
    const auto disposition = [&](const std::string& filename) {
        return check("GET", link(LinkMethod::get, "a", {.content_type = "", .download_filename = filename}))
            .content_disposition;
    };
    EXPECT_EQ(disposition("song.mp3"), "attachment; filename=\"song.mp3\"; filename*=UTF-8''song.mp3");
    EXPECT_EQ(disposition("sö\"ng\r\n.mp3"),
              "attachment; filename=\"s__ng__.mp3\"; filename*=UTF-8''s%C3%B6%22ng%0D%0A.mp3");
    EXPECT_EQ(check("GET", link(LinkMethod::get, "a")).content_disposition, "");
}

TEST_F(ObjectsTest, StoresWhatAPutBrings) {
    const auto put = [&](const LinkGrant& grant, const std::string& type) {
        const auto writer = objects_.create(grant, type);
        writer->write(as_bytes("bytes"));
        writer->commit();
        return objects_.open(grant.key)->head().attributes.content_type;
    };
    EXPECT_EQ(put(check("PUT", link(LinkMethod::put, "a.mp3")), "audio/x-own"), "audio/x-own");
    EXPECT_EQ(put(check("PUT", link(LinkMethod::put, "a.mp3")), "text/html"), "audio/mpeg") << "never a page";
    EXPECT_EQ(put(check("PUT", link(LinkMethod::put, "a.html")), ""), "application/octet-stream");
    EXPECT_EQ(objects_.open(Key::parse("none")), nullptr);
}

class ObjectsBelowAProxyTest : public ObjectsTest {
  protected:
    ObjectsBelowAProxyTest() : ObjectsTest("https://Example.org:443/audio/") {}
};

TEST_F(ObjectsBelowAProxyTest, TheProxyMayTakeItsPathOffOrNot) {
    const std::string url = link(LinkMethod::get, "a/b.mp3");
    EXPECT_EQ(url.substr(0, url.find('?')), "https://example.org/audio/objects/audio/a/b.mp3");
    EXPECT_EQ(check("GET", url).key.str(), "a/b.mp3");
    std::string taken_off = url;
    taken_off.erase(url.find("/audio/objects"), 6);
    EXPECT_EQ(check("GET", taken_off).key.str(), "a/b.mp3");
}

TEST_F(ObjectsTest, F22_RefusalsDoNotRepeatTheLink) {
    std::string url = link(LinkMethod::get, "private/name.mp3");
    const std::string signature = url.substr(url.rfind('=') + 1);
    url.back() = url.back() == '0' ? '1' : '0';
    for (const std::string& bad : {url, url + "&x=y"}) try {
            check("GET", bad);
            ADD_FAILURE();
        } catch (const Error& error) {
            const std::string all = error.what() + error.detail();
            EXPECT_EQ(all.find(signature.substr(0, 8)), std::string::npos);
            EXPECT_EQ(all.find("private"), std::string::npos);
        }
}

}  // namespace
}  // namespace fadeout::service
