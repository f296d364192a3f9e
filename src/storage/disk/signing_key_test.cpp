#include "storage/disk/signing_key.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/test_folder.h"
#include "storage/disk/test_other_user.h"

namespace fadeout::storage {
namespace {

namespace fs = std::filesystem;

class SigningKeyTest : public testing::Test {
  protected:
    void write(const std::string& text) {
        std::ofstream(path_) << text;
        fs::permissions(path_, fs::perms::owner_read | fs::perms::owner_write);
    }
    Error refusal() {
        try {
            load_or_create_signing_key(path_);
        } catch (const Error& error) {
            return error;
        }
        ADD_FAILURE() << "accepted";
        return Error(ErrorKind::internal, "");
    }

    const TestFolder folder_;
    const std::string path_ = folder_.file("signing.key");
};

TEST_F(SigningKeyTest, IsMadeOnceAndKept) {
    const aws::Credentials made = load_or_create_signing_key(path_);
    EXPECT_EQ(made.access_key_id.size(), 20u);
    EXPECT_EQ(made.secret_access_key.size(), 64u);
    EXPECT_TRUE(made.session_token.empty());
    struct stat status {};
    ASSERT_EQ(::stat(path_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0600u);
    const aws::Credentials again = load_or_create_signing_key(path_);
    EXPECT_EQ(again.access_key_id, made.access_key_id);
    EXPECT_EQ(again.secret_access_key, made.secret_access_key);
    EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), {}), 1) << "no draft is left";
    EXPECT_NE(load_or_create_signing_key(folder_.file("other")).secret_access_key, made.secret_access_key);
}

TEST_F(SigningKeyTest, StartingAtOnceAllReadTheSame) {
    for (int round = 0; round < 10; ++round) {
        const std::string path = folder_.file("key-" + std::to_string(round));
        std::vector<std::string> secrets(8);
        std::vector<std::thread> threads;
        for (std::string& secret : secrets)
            threads.emplace_back([&] { secret = load_or_create_signing_key(path).secret_access_key; });
        for (std::thread& thread : threads) thread.join();
        EXPECT_EQ(std::set(secrets.begin(), secrets.end()).size(), 1u);
    }
}

TEST_F(SigningKeyTest, RefusesOpenPermissions) {
    load_or_create_signing_key(path_);
    for (const int mode : {0640, 0604, 0660, 0620, 0601}) {
        ASSERT_EQ(::chmod(path_.c_str(), static_cast<mode_t>(mode)), 0);
        EXPECT_EQ(refusal().kind(), ErrorKind::denied);
        EXPECT_NE(std::string_view(refusal().what()).find("0600"), std::string_view::npos);
    }
    ASSERT_EQ(::chmod(path_.c_str(), 0400), 0);
    EXPECT_NO_THROW(load_or_create_signing_key(path_));
}

TEST_F(SigningKeyTest, RefusesWhatIsNoKey) {
    write("");
    EXPECT_NE(std::string_view(refusal().what()).find("empty"), std::string_view::npos);
    const std::string id = "FADE0123456789ABCDEF", secret(64, 'a');
    for (const std::string& text :
         {std::string("\n"), std::string("secret\n"), "fadeout-signing-key-1 " + id + " " + secret,
          "fadeout-signing-key-1 " + id + " " + secret.substr(1) + "\n",
          "fadeout-signing-key-1 " + id + " " + secret + "\n\n",
          "fadeout-signing-key-1 " + id + " " + std::string(64, 'g') + "\n",
          "fadeout-signing-key-2 " + id + " " + secret + "\n", "fadeout-signing-key-1  " + secret + "\n",
          std::string(1000, 'x'), std::string(300, '\0')}) {
        write(text);
        EXPECT_EQ(refusal().kind(), ErrorKind::invalid) << text;
        EXPECT_NE(std::string_view(refusal().what()).find("damaged"), std::string_view::npos) << text;
        EXPECT_EQ((refusal().what() + refusal().detail()).find(secret), std::string::npos) << "never shown";
    }
    write("fadeout-signing-key-1 " + id + " " + secret + "\n");
    EXPECT_EQ(load_or_create_signing_key(path_).access_key_id, id);
}

TEST_F(SigningKeyTest, RefusesWhatIsNoFile) {
    fs::create_directory(path_);
    EXPECT_EQ(refusal().kind(), ErrorKind::invalid);
}

TEST_F(SigningKeyTest, SaysWhenItCannotBeMade) {
    try {
        load_or_create_signing_key(folder_.file("missing/signing.key"));
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(std::string_view(error.what()).find("missing"), std::string_view::npos);
        EXPECT_NE(error.detail().find("missing"), std::string::npos);
    }
}

TEST_F(SigningKeyTest, RefusesAnUnreadableKey) {
    load_or_create_signing_key(path_);
    ASSERT_EQ(::chmod(path_.c_str(), 0), 0);
    ASSERT_EQ(::chmod(folder_.path().c_str(), 0755), 0);
    EXPECT_EQ(disk::failure_as_other_user([&] { load_or_create_signing_key(path_); }), ErrorKind::denied);
}

}  // namespace
}  // namespace fadeout::storage
