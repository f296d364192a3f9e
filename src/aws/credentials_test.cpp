#include "aws/credentials.h"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <future>
#include <latch>
#include <map>
#include <thread>

#include "aws/credential_services.h"
#include "aws/profile.h"
#include "base/error.h"
#include "base/test_folder.h"
#include "net/test_server.h"

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
    EXPECT_EQ(keys->keys.access_key_id, "id");
    EXPECT_EQ(keys->keys.secret_access_key, "secret");
    EXPECT_EQ(keys->keys.session_token, "token");
    EXPECT_TRUE(keys->end_is_unknown());
    EXPECT_THROW(environment_credentials(with({{"AWS_ACCESS_KEY_ID", "id"}})), Error);
    EXPECT_THROW(environment_credentials(with({{"AWS_SECRET_ACCESS_KEY", "secret"}})), Error);
}

TEST(Credentials, OfTheEnvironmentEndWhenItSays) {
    std::map<std::string, std::string> exported{
        {"AWS_ACCESS_KEY_ID", "id"}, {"AWS_SECRET_ACCESS_KEY", "secret"}, {"AWS_SESSION_TOKEN", "token"}};
    const ManualClock clock(Time{});
    for (const char* end : {"2026-11-20T16:00:00Z", "2026-11-20T16:00:00+00:00"}) {
        exported["AWS_CREDENTIAL_EXPIRATION"] = end;
        const TimedCredentials keys = default_credentials(with(exported), clock)->get();
        ASSERT_TRUE(keys.expires) << "a link must not be promised to live longer than they";
        EXPECT_EQ(utc_timestamp(*keys.expires), "2026-11-20T16:00:00Z");
        EXPECT_FALSE(keys.end_is_unknown());
    }
    exported["AWS_CREDENTIAL_EXPIRATION"] = "2026-11-20T16:00:00+02:00";
    EXPECT_THROW(default_credentials(with(exported), clock), Error);
}

TEST(Profiles, AreReadAsAwsWritesThem) {
    const auto config = parse_profiles(
        "# comment\n[default]\nregion = eu-west-1 ; here\noutput=json\n"
        "[profile  live ]\nREGION=us-east-2\ns3 =\n  max_concurrent_requests = 20\nurl = https://x/#y\n"
        "[sso-session live]\nregion = nowhere\nlost\n[profile]\nx = 1\n",
        true);
    ASSERT_EQ(config.size(), 2u);
    EXPECT_EQ(config.at("default").at("region"), "eu-west-1");
    EXPECT_EQ(config.at("live").at("region"), "us-east-2");
    EXPECT_EQ(config.at("live").at("url"), "https://x/#y");
    EXPECT_FALSE(config.at("live").contains("max_concurrent_requests"));
    EXPECT_TRUE(
        parse_profiles("[live]\r\naws_access_key_id=id\r\n", false).at("live").contains("aws_access_key_id"));
}

class SharedFiles : public testing::Test {
  protected:
    void write(const std::string& name, const std::string& text) {
        std::ofstream(folder_.file(name)) << text;
    }
    Environment environment(std::map<std::string, std::string> more = {}) {
        more.insert({{"AWS_CONFIG_FILE", folder_.file("config")},
                     {"AWS_SHARED_CREDENTIALS_FILE", folder_.file("credentials")},
                     {"AWS_EC2_METADATA_DISABLED", "true"}});
        return with(std::move(more));
    }
    TimedCredentials get(std::map<std::string, std::string> more = {}) {
        return default_credentials(environment(std::move(more)), clock_)->get();
    }
    std::string refusal(std::map<std::string, std::string> more = {}) {
        try {
            get(std::move(more));
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::misconfigured);
            return error.what();
        }
        ADD_FAILURE() << "keys from somewhere";
        return {};
    }

    const TestFolder folder_;
    ManualClock clock_{from_unix_seconds(1'000'000)};
};

TEST_F(SharedFiles, AProfileOfItsOwnWinsOverKeysInVariables) {
    write("credentials", "[new]\naws_access_key_id = new\naws_secret_access_key = secret\n");
    const ManualClock clock(Time{});
    const Environment all = environment(
        {{"AWS_ACCESS_KEY_ID", "old"}, {"AWS_SECRET_ACCESS_KEY", "old"}, {"AWS_PROFILE", "none"}});
    EXPECT_EQ(default_credentials(with_profile(all, "new"), clock)->get().keys.access_key_id, "new");
    EXPECT_THROW(default_credentials(with_profile(all, "none"), clock), Error);
}

TEST_F(SharedFiles, GiveTheKeysOfAProfile) {
    write("config",
          "[default]\nregion = eu-west-1\naws_access_key_id = other\n[profile live]\nregion = us-east-2\n");
    write("credentials",
          "[default]\naws_access_key_id = a\naws_secret_access_key = b\n"
          "[live]\naws_access_key_id = c\naws_secret_access_key = d\naws_session_token = e\n");
    EXPECT_EQ(get().keys.access_key_id, "a") << "the credentials file wins";
    EXPECT_EQ(get({{"AWS_PROFILE", "live"}}).keys.session_token, "e");
    EXPECT_EQ(get({{"AWS_ACCESS_KEY_ID", "x"}, {"AWS_SECRET_ACCESS_KEY", "y"}}).keys.access_key_id, "x")
        << "the environment wins over both";
    EXPECT_EQ(default_region(environment()), "eu-west-1");
    EXPECT_EQ(default_region(environment({{"AWS_PROFILE", "live"}})), "us-east-2");
    EXPECT_EQ(default_region(environment({{"AWS_REGION", "x"}})), "x");
}

TEST_F(SharedFiles, SayWhatIsMissing) {
    EXPECT_NE(refusal().find("AWS_ACCESS_KEY_ID"), std::string::npos);
    EXPECT_NE(refusal({{"AWS_PROFILE", "none"}}).find("AWS_PROFILE"), std::string::npos);
    write("config", "[default]\nsso_session = x\n");
    EXPECT_NE(refusal().find("sso_session"), std::string::npos);
    write("credentials", "[default]\naws_access_key_id = a\naws_secret_access_key = b\n");
    EXPECT_EQ(get().keys.access_key_id, "a") << "somebody exported them for programs that do not follow it";
    write("config", "[default]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = default\n");
    EXPECT_NE(refusal().find("role_arn"), std::string::npos) << "not with the rights of its own keys instead";
}

net::TestAnswer json_keys(const std::string& id, Time expires) {
    return net::whole(R"({"Code":"Success","AccessKeyId":")" + id +
                      R"(","SecretAccessKey":"s","Token":"t","Expiration":")" + utc_timestamp(expires) +
                      "\"}");
}

TEST_F(SharedFiles, AWebIdentityBecomesKeys) {
    net::TestServer sts([&](const net::TestRequest&) {
        return net::whole(
            "<AssumeRoleWithWebIdentityResponse xmlns=\"x\"><AssumeRoleWithWebIdentityResult><Credentials>"
            "<AccessKeyId>id</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
            "<Expiration>2026-11-20T16:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult>"
            "</AssumeRoleWithWebIdentityResponse>");
    });
    write("token", "the+token\n");
    const std::map<std::string, std::string> pod{{"AWS_WEB_IDENTITY_TOKEN_FILE", folder_.file("token")},
                                                 {"AWS_ROLE_ARN", "arn:aws:iam::1:role/r"},
                                                 {"AWS_ENDPOINT_URL_STS", "http://127.0.0.1:" + sts.port()}};
    const TimedCredentials got = get(pod);
    EXPECT_EQ(got.keys.access_key_id, "id");
    EXPECT_EQ(got.keys.session_token, "t");
    EXPECT_EQ(utc_timestamp(*got.expires), "2026-11-20T16:00:00Z");
    EXPECT_EQ(sts.requests().at(0).body,
              "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr"
              "&RoleSessionName=fadeout&WebIdentityToken=the%2Btoken");
}

// A token file is missing while it is replaced, and a service may be away: what asks then must try again.
TEST_F(SharedFiles, SayWhatCannotBeHad) {
    EXPECT_NE(refusal({{"AWS_WEB_IDENTITY_TOKEN_FILE", folder_.file("token")}, {"AWS_ROLE_ARN", "r"}})
                  .find("AWS_WEB_IDENTITY_TOKEN_FILE"),
              std::string::npos);
    try {
        get({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/"}});
        ADD_FAILURE() << "keys from nowhere";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::unavailable);
        EXPECT_NE(std::string(error.what()).find("container's credentials"), std::string::npos)
            << error.what();
    }
}

TEST_F(SharedFiles, AContainerGetsItsKeys) {
    net::TestServer server(
        [&](const net::TestRequest&) { return json_keys("c", clock_.now() + std::chrono::hours(1)); });
    EXPECT_EQ(get({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", server.url("/creds")},
                   {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "secret"}})
                  .keys.access_key_id,
              "c");
    EXPECT_EQ(server.requests().at(0).header("authorization"), "secret");
    for (const char* stranger :
         {"http://example.org/creds", "http://127.0.0.1@example.org/", "file:///etc/passwd"})
        refusal({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", stranger}});
}

TEST_F(SharedFiles, AnInstanceGetsTheKeysOfItsRole) {
    net::TestServer server([&](const net::TestRequest& request) {
        if (request.method == "PUT") return net::whole("session");
        if (request.header("x-aws-ec2-metadata-token") != "session")
            return net::TestAnswer{"401 Unauthorized", {}, ""};
        if (request.target.ends_with("/security-credentials/")) return net::whole("the-role\n");
        return json_keys("i", clock_.now() + std::chrono::hours(6));
    });
    const std::map<std::string, std::string> instance{{"AWS_EC2_METADATA_DISABLED", "false"},
                                                      {"AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url()}};
    EXPECT_EQ(get(instance).keys.access_key_id, "i");
    EXPECT_TRUE(server.requests().back().target.ends_with("/the-role"));
    refusal({{"AWS_EC2_METADATA_DISABLED", "false"},
             {"AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1"}});
}

TEST(RefreshedCredentials, AreNewBeforeTheOldOnesEnd) {
    ManualClock clock(from_unix_seconds(1'000'000));
    int fetched = 0;
    bool fails = false;
    RefreshedCredentials provider(
        [&]() -> TimedCredentials {
            ++fetched;
            if (fails) throw Error(ErrorKind::unavailable, "no answer");
            return {{std::to_string(fetched), "s", ""}, clock.now() + std::chrono::hours(1)};
        },
        clock);
    EXPECT_EQ(provider.get().keys.access_key_id, "1");
    clock.advance(std::chrono::minutes(49));
    EXPECT_EQ(provider.get().keys.access_key_id, "1");
    clock.advance(std::chrono::minutes(2));
    EXPECT_EQ(provider.get().keys.access_key_id, "2");
    fails = true;
    clock.advance(std::chrono::minutes(55));
    EXPECT_EQ(provider.get().keys.access_key_id, "2") << "still good";
    EXPECT_EQ(provider.get().keys.access_key_id, "2");
    EXPECT_EQ(fetched, 3) << "a service in trouble is left alone for a while";
    clock.advance(std::chrono::minutes(5));
    EXPECT_THROW(provider.get(), Error) << "never keys that have ended";
    fails = false;
    EXPECT_EQ(provider.get().keys.access_key_id, "5");
}

TEST(RefreshedCredentials, ServeWhileNewOnesAreFetched) {
    ManualClock clock(from_unix_seconds(1'000'000));
    std::atomic<int> fetched = 0;
    std::latch asked(1), answers(1);
    RefreshedCredentials provider(
        [&]() -> TimedCredentials {
            if (++fetched == 2) {
                asked.count_down();
                answers.wait();
            }
            return {{std::to_string(fetched), "s", ""}, clock.now() + std::chrono::hours(1)};
        },
        clock);
    provider.get();
    clock.advance(std::chrono::minutes(55));
    auto renewed = std::async(std::launch::async, [&] { return provider.get().keys.access_key_id; });
    asked.wait();
    auto meanwhile = std::async(std::launch::async, [&] { return provider.get().keys.access_key_id; });
    EXPECT_EQ(meanwhile.wait_for(std::chrono::seconds(5)), std::future_status::ready)
        << "a service that hangs holds up nobody who has good keys";
    auto longer = std::async(std::launch::async,
                             [&] { return provider.get(std::chrono::minutes(30)).keys.access_key_id; });
    EXPECT_EQ(longer.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout)
        << "the old ones are not good for that long";
    answers.count_down();
    EXPECT_EQ(meanwhile.get(), "1");
    EXPECT_EQ(renewed.get(), "2");
    EXPECT_EQ(longer.get(), "2");
    EXPECT_EQ(fetched, 2);
}

TEST(RefreshedCredentials, ThoseWhoWaitForTheFirstShareItsFailure) {
    const ManualClock clock(from_unix_seconds(1'000'000));
    std::atomic<int> fetched = 0;
    std::latch asked(1), answers(1);
    RefreshedCredentials provider(
        [&]() -> TimedCredentials {
            if (++fetched == 1) asked.count_down();
            answers.wait();
            throw Error(ErrorKind::unavailable, "no answer");
        },
        clock);
    std::vector<std::future<void>> all;
    for (int i = 0; i < 8; ++i) {
        all.push_back(std::async(std::launch::async, [&] { EXPECT_THROW(provider.get(), Error); }));
        if (i == 0) asked.wait();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));  // for the others to wait, too
    answers.count_down();
    for (auto& one : all) one.get();
    EXPECT_LT(fetched, 8) << "each asked for itself, one after the other";
}

TEST(RefreshedCredentials, AreAskedForAnewWhereTheyMustLastLonger) {
    ManualClock clock(from_unix_seconds(1'000'000));
    int fetched = 0;
    Duration life = std::chrono::hours(1);
    RefreshedCredentials provider(
        [&]() -> TimedCredentials {
            ++fetched;
            return {{"id", "s", ""}, clock.now() + life};
        },
        clock);
    provider.get();
    clock.advance(std::chrono::minutes(30));
    provider.get(std::chrono::minutes(20));
    EXPECT_EQ(fetched, 1) << "they last long enough";
    EXPECT_EQ(provider.get(std::chrono::minutes(40)).expires, clock.now() + life);
    EXPECT_EQ(fetched, 2);
    for (int i = 0; i < 10; ++i) {
        provider.get(std::chrono::hours(24));
        clock.advance(std::chrono::minutes(1));
    }
    EXPECT_EQ(fetched, 2) << "no keys of this place live that long";
    life = std::chrono::minutes(30);  // as an endpoint that gives the same keys until it changes them itself
    for (int i = 0; i < 10; ++i) provider.get(std::chrono::minutes(55));
    EXPECT_EQ(fetched, 3);
}

}  // namespace
}  // namespace fadeout::aws
