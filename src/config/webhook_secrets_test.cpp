#include "config/webhook_secrets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/error.h"
#include "base/test_folder.h"

namespace fadeout::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

class WebhookSecretFile : public ::testing::Test {
  protected:
    std::vector<std::pair<std::string, std::string>> read(const std::string& text) {
        std::ofstream(path_) << text;
        return read_webhook_secrets(path_);
    }
    std::string refusal(const std::string& text) {
        try {
            read(text);
        } catch (const Error& error) {
            return error.what();
        }
        return "accepted";
    }

    TestFolder folder_;
    const std::string path_ = folder_.file("secrets");
    const std::string secret_ = "whsec_" + std::string(32, 'A');  // 24 zeros
};

TEST_F(WebhookSecretFile, HoldsAPrefixAndItsSecretALine) {
    const std::string key(24, '\0');
    EXPECT_THAT(read("# ours\n\n https://a.example/x \t " + secret_ + " \r\nhttps://b.example " + secret_ +
                     "\nhttps://b.example whsec_" + std::string(84, '/') + "/w==\n"),
                ElementsAre(Pair("https://a.example/x", key), Pair("https://b.example", key),
                            Pair("https://b.example", std::string(64, '\xff'))));
    EXPECT_THAT(read("# none yet\n"), IsEmpty());
}

TEST_F(WebhookSecretFile, ABadLineIsNamedButNotShown) {
    for (const std::string bad : {"hidden", "https://a.example", "https://a.example whsec_hidden",
                                  "https://a.example AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                                  "https://a.example whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAA"}) {
        const std::string text = refusal("https://a.example " + secret_ + "\n" + bad + "\n");
        EXPECT_THAT(text, HasSubstr("Line 2")) << bad;
        EXPECT_THAT(text, Not(HasSubstr("hidden")));
    }
    EXPECT_THAT(refusal("https://a.example whsec_" + std::string(88, 'A')), HasSubstr("Line 1"))
        << "66 bytes";
    EXPECT_THROW(read_webhook_secrets("/nowhere/secrets"), Error);
}

}  // namespace
}  // namespace fadeout::config
