#include "service/resigned_links.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/memory/memory_store.h"

namespace fadeout::service {
namespace {

using storage::Key;
using storage::LinkMethod;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

const std::string start = "https://audio.example.org/below/l/";
const Key song = Key::parse("pitches/7/sö ng.mp3");

/// A store whose credentials end.
class EndingStore final : public storage::ObjectStore {
  public:
    EndingStore(const Clock& clock, Duration life) : clock_(clock), end_(clock.now() + life) {}

    std::string presign(LinkMethod method, const Key& key, Duration expires,
                        const storage::LinkOptions& options) override {
        const Duration left = end_ - clock_.now();
        if (expires > left && !options.may_end_early) throw Error(ErrorKind::misconfigured, "Too long.");
        return "https://store/" + key.str() + "?" +
               (method == LinkMethod::put    ? "PUT"
                : method == LinkMethod::head ? "HEAD"
                                             : "GET") +
               "=" + std::to_string(std::min(expires, left) / std::chrono::seconds(1)) +
               options.download_filename;
    }
    std::optional<storage::ObjectHead> head(const Key&) override { return {}; }
    std::unique_ptr<storage::ObjectReader> open(const Key&) override { return {}; }
    std::unique_ptr<storage::ObjectWriter> create(const Key&, const storage::ObjectAttributes&) override {
        return {};
    }
    storage::ObjectPage list(std::string_view, std::string_view, std::size_t) override { return {}; }
    std::vector<storage::RemoveResult> remove(std::span<const Key>) override { return {}; }
    std::size_t remove_unfinished(Time) override { return 0; }
    std::size_t count_unfinished(Time) override { return 0; }
    std::optional<storage::Key> key_in(std::string_view) const override { return {}; }
    std::string_view provider() const override { return "s3"; }
    const std::string& bucket() const override { return bucket_; }
    void check() override {}

  private:
    const Clock& clock_;
    const Time end_;
    const std::string bucket_ = "b";
};

class ResignedLinksTest : public ::testing::Test {
  protected:
    std::string token(Duration expires = std::chrono::hours(24), const std::string& filename = "") {
        const std::string url =
            links_.make(song, expires, {.content_type = "", .download_filename = filename});
        EXPECT_THAT(url, StartsWith(start));
        return url.substr(start.size());
    }
    std::string refusal(const std::string& token, const ResignedLinks& links) {
        try {
            return "accepted: " + links.follow(store_, LinkMethod::get, token);
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::denied);
            return error.what();
        }
    }

    ManualClock clock_{from_unix_seconds(1'795'187'411)};
    EndingStore store_{clock_, std::chrono::hours(1)};
    aws::Credentials key_{"id", "secret", {}};
    ResignedLinks links_{"https://Audio.example.org/below/", key_, clock_};
};

TEST_F(ResignedLinksTest, LeadToALinkThatIsSignedWhenTheyAreFollowed) {
    const std::string link = token(std::chrono::hours(24), "the söng.mp3");
    EXPECT_THAT(link, MatchesRegex("[A-Za-z0-9_-]+"));
    EXPECT_EQ(links_.follow(store_, LinkMethod::get, link),
              "https://store/pitches/7/sö ng.mp3?GET=3600the söng.mp3")
        << "as long as the credentials";
    clock_.advance(std::chrono::hours(24) - std::chrono::seconds(90));
    EndingStore later(clock_, std::chrono::hours(1));
    EXPECT_THAT(links_.follow(later, LinkMethod::head, link), HasSubstr("?HEAD=90"))
        << "the rest of the promise";
}

TEST_F(ResignedLinksTest, EveryNodeWithTheKeyTakesThem) {
    const ResignedLinks other("http://elsewhere", key_, clock_);
    EXPECT_THAT(refusal(token(), other), StartsWith("accepted"));
    const ResignedLinks stranger("https://audio.example.org/below", {"id", "another", {}}, clock_);
    EXPECT_THAT(refusal(token(), stranger), HasSubstr("of another server"));
}

TEST_F(ResignedLinksTest, EndWhenTheySay) {
    const std::string link = token(std::chrono::seconds(60));
    clock_.advance(std::chrono::seconds(59));
    EXPECT_THAT(refusal(link, links_), StartsWith("accepted"));
    clock_.advance(std::chrono::seconds(1));
    EXPECT_THAT(refusal(link, links_), HasSubstr("expired"));
    EXPECT_THROW(token(std::chrono::hours(169)), Error);
    EXPECT_THROW(token(Duration(0)), Error);
}

TEST_F(ResignedLinksTest, NothingOfThemCanBeChanged) {
    const std::string link = token();
    for (std::size_t i = 0; i < link.size(); ++i) {
        std::string changed = link;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        if (changed == link) continue;
        EXPECT_THAT(refusal(changed, links_), HasSubstr("changed")) << i;
    }
    for (const std::string& wrong : {std::string(), link.substr(0, 43), link.substr(0, link.size() - 4),
                                     link + "AAAA", link + "=", std::string("..")})
        EXPECT_THAT(refusal(wrong, links_), HasSubstr("changed")) << wrong;
}

TEST_F(ResignedLinksTest, NameTheirObject) {
    const auto key_of = [&](const std::string& url) { return links_.key_of(storage::PublicUrl::parse(url)); };
    EXPECT_EQ(key_of(start + token()), song);
    EXPECT_EQ(key_of("https://audio.example.org/l/" + token()), std::nullopt);
    EXPECT_EQ(key_of("https://other.example.org/below/l/" + token()), std::nullopt);
    EXPECT_THROW(key_of(start + token() + "A"), Error);
}

TEST_F(ResignedLinksTest, AServerThatWouldHandOutLinksThatEndEarlyDoesNotStart) {
    const auto check = [&](LinkExpiries expiries) -> std::string {
        try {
            check_links(store_, expiries);
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::misconfigured);
            return error.what();
        }
        return "starts";
    };
    using std::chrono::hours;
    EXPECT_EQ(check({hours(1), hours(1), hours(1)}), "starts");
    const std::string speech = check({hours(24), hours(1), hours(1)});
    EXPECT_THAT(speech, HasSubstr("speech.link_expiry (1d)"));
    EXPECT_THAT(speech, HasSubstr("redirect"));
    EXPECT_THAT(check({hours(1), hours(2), hours(1)}), HasSubstr("transcode.link_expiry (2h)"));
    const std::string upload = check({hours(1), hours(1), hours(3)});
    EXPECT_THAT(upload, HasSubstr("upload.link_expiry (3h)"));
    EXPECT_EQ(upload.find("redirect"), std::string::npos) << "an upload is not sent on";
}

}  // namespace
}  // namespace fadeout::service
