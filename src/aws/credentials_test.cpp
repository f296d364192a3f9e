#include "aws/credentials.h"

#include <gtest/gtest.h>

#include <map>

#include "base/error.h"

namespace fadeout::aws {
namespace {

Environment with(std::map<std::string, std::string> values) {
    return [values = std::move(values)](const std::string& name) -> std::optional<std::string> {
        const auto found = values.find(name);
        return found == values.end() ? std::nullopt : std::optional(found->second);
    };
}

TEST(Credentials, ComeFromTheEnvironment) {
    EXPECT_FALSE(environment_credentials(with({})));
    const auto keys = environment_credentials(with(
        {{"AWS_ACCESS_KEY_ID", "id"}, {"AWS_SECRET_ACCESS_KEY", "secret"}, {"AWS_SESSION_TOKEN", "token"}}));
    ASSERT_TRUE(keys);
    EXPECT_EQ(keys->access_key_id, "id");
    EXPECT_EQ(keys->secret_access_key, "secret");
    EXPECT_EQ(keys->session_token, "token");
    EXPECT_THROW(environment_credentials(with({{"AWS_ACCESS_KEY_ID", "id"}})), Error);
    EXPECT_THROW(environment_credentials(with({{"AWS_SECRET_ACCESS_KEY", "secret"}})), Error);
}

}  // namespace
}  // namespace fadeout::aws
