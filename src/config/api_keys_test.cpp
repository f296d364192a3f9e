#include "config/api_keys.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/error.h"

namespace fadeout::config {
namespace {

class ApiKeyFile : public ::testing::Test {
  protected:
    ~ApiKeyFile() override { std::filesystem::remove(path_); }

    std::vector<std::string> read(const std::string& text) {
        std::ofstream(path_) << text;
        return read_api_keys(path_);
    }

    std::string path_ =
        std::filesystem::temp_directory_path() / ("fadeout-keys-" + std::to_string(::getpid()));
};

TEST_F(ApiKeyFile, HoldsOneKeyALine) {
    EXPECT_EQ(read("# ours\n\n  0123456789abcdef  \nfedcba9876543210\r\n"),
              (std::vector<std::string>{"0123456789abcdef", "fedcba9876543210"}));
}

TEST_F(ApiKeyFile, AnEmptyOneOpensNothing) {
    EXPECT_THROW(read(""), Error);
    EXPECT_THROW(read("# only a comment\n"), Error);
    EXPECT_THROW(read_api_keys("/nowhere/keys"), Error);
}

TEST_F(ApiKeyFile, ABadLineIsNamedButNotShown) {
    try {
        read("0123456789abcdef\nsecret key\n");
        FAIL();
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("Line 2"), std::string::npos);
        EXPECT_EQ(std::string(error.what()).find("secret"), std::string::npos);
    }
}

}  // namespace
}  // namespace fadeout::config
