#include "config/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "config/table.h"

namespace fadeout::config {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string refusal(const Layers& layers) {
    try {
        load(layers);
        return "accepted";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid);
        return error.what();
    }
}

Layers file(std::string text) {
    return {{}, {}, "fadeout.toml", std::move(text)};
}
Layers environment(NameValues values) {
    return {{}, std::move(values), "", ""};
}

TEST(Load, AProcessorIsAUrlOrAFunction) {
    for (const char* address :
         {"https://abc.lambda-url.eu-central-1.on.aws/", "http://127.0.0.1:9000", "https://h/prod/run?code=1",
          "arn:aws:lambda:eu-central-1:123456789012:function:audio:live"}) {
        const Layers layers = environment({{"AWS_LAMBDA_AUDIO_PROCESSOR_URL", address}});
        EXPECT_EQ(load(layers).settings.processor.url, address);
    }
    for (const char* address : {"lambda", "ftp://h", "https://", "https://user:pass@h/x", "https://h/x#y",
                                "https://h/a b", "arn:a b"})
        EXPECT_THAT(refusal(environment({{"FADEOUT_PROCESSOR_URL", address}})), HasSubstr("ARN")) << address;
    EXPECT_EQ(load(environment({{"AWS_LAMBDA_AUDIO_PROCESSOR_URL", ""}})).settings.processor.url, "");
}

TEST(Load, FlagsOverEnvironmentOverFileOverDefault) {
    Layers layers = file("[speech]\nlink_expiry = '1h'\n");
    EXPECT_EQ(load({}).settings.speech.link_expiry, std::chrono::hours(24));
    EXPECT_EQ(load(layers).settings.speech.link_expiry, std::chrono::hours(1));
    layers.environment = {{"FADEOUT_SPEECH_LINK_EXPIRY", "2h"}};
    EXPECT_EQ(load(layers).settings.speech.link_expiry, std::chrono::hours(2));
    layers.flags = {{"speech.link_expiry", "3h"}};
    const Effective effective = load(layers);
    EXPECT_EQ(effective.settings.speech.link_expiry, std::chrono::hours(3));
    EXPECT_EQ(describe(effective.origins.at("speech.link_expiry")), "flag --speech-link-expiry");
    EXPECT_EQ(describe(effective.origins.at("data")), "default");
}

TEST(Load, EveryTypeComesFromTheFile) {
    const Settings s = load(file("data = 'd'\n"
                                 "[http]\nio_threads = 3\nlisten_without_keys = true\n"
                                 "cors_origins = ['https://a.example', 'http://b.example:81']\n"
                                 "max_upload_bytes = '2GiB'\nheader_timeout = 7\n"
                                 "[sweep]\nmode = 'day'\ndaily_at = '00:05'\n"))
                           .settings;
    EXPECT_EQ(s.data, "d");
    EXPECT_EQ(s.http.io_threads, 3);
    EXPECT_TRUE(s.http.listen_without_keys);
    EXPECT_THAT(s.http.cors_origins, ElementsAre("https://a.example", "http://b.example:81"));
    EXPECT_EQ(s.http.max_upload_bytes, 2ULL << 30);
    EXPECT_EQ(s.http.header_timeout, std::chrono::seconds(7));
    EXPECT_EQ(s.sweep.mode, "day");
    EXPECT_EQ(s.sweep.daily_at, "00:05");
}

TEST(Load, OldEnvironmentNamesWorkAsTheyAre) {
    const Settings s = load(environment({{"AWS_REGION", "eu-central-1"},
                                         {"AWS_S3_BUCKET", "pitches-prod"},
                                         {"AUDIO_CLEANUP_DELAY_MINUTES", "90"},
                                         {"AUDIO_CLEANUP_TEMP_FILES", "false"}}))
                           .settings;
    EXPECT_EQ(s.store.region, "eu-central-1");
    EXPECT_EQ(s.store.bucket, "pitches-prod");
    EXPECT_EQ(s.cleanup.delay, std::chrono::minutes(90));
    EXPECT_FALSE(s.cleanup.temp_files);
}

TEST(Load, FadeoutsOwnNameWinsOverTheOldOne) {
    const Effective e = load(environment({{"AWS_REGION", "eu-west-1"}, {"FADEOUT_REGION", "eu-west-2"}}));
    EXPECT_EQ(e.settings.store.region, "eu-west-2");
    EXPECT_EQ(describe(e.origins.at("store.region")), "environment FADEOUT_REGION");
}

TEST(Load, MinutesMustBeAPlainNumber) {
    EXPECT_THAT(refusal(environment({{"AUDIO_CLEANUP_DELAY_MINUTES", "1h"}})),
                AllOf(HasSubstr("cleanup.delay"), HasSubstr("AUDIO_CLEANUP_DELAY_MINUTES")));
}

TEST(Load, AnEmptyVariableIsNotSet) {
    const Effective e = load(environment({{"AWS_REGION", ""}, {"FADEOUT_LISTEN", ""}}));
    EXPECT_EQ(e.settings.store.region, "us-east-1");
    EXPECT_EQ(describe(e.origins.at("http.listen")), "default");
}

TEST(Load, UnknownNamesStopTheStartAndNameTheNearest) {
    EXPECT_THAT(refusal(file("[speech]\nlink_expirey = '1h'\n")),
                AllOf(HasSubstr("fadeout.toml"), HasSubstr("speech.link_expirey"),
                      HasSubstr("Did you mean \"speech.link_expiry\"?")));
    EXPECT_THAT(refusal(file("dta = 'x'")), HasSubstr("Did you mean \"data\"?"));
    EXPECT_THAT(refusal(environment({{"FADEOUT_LISTENN", "x"}})),
                AllOf(HasSubstr("FADEOUT_LISTENN"), HasSubstr("Did you mean \"FADEOUT_LISTEN\"?")));
    EXPECT_THAT(refusal(environment({{"FADEOUT_QQQQQQQQQQQQQQQQQQQ", "x"}})), Not(HasSubstr("Did you mean")));
    EXPECT_EQ(refusal(environment({{"PATH", "/bin"}, {"AWS_PROFILE", "x"}, {"FADEOUT_CONFIG", "f"}})),
              "accepted");
}

TEST(Load, ABadValueIsNamedWithOriginAndRange) {
    EXPECT_THAT(refusal(environment({{"FADEOUT_SPEECH_LINK_EXPIRY", "8d"}})),
                AllOf(HasSubstr("speech.link_expiry"), HasSubstr("\"8d\""),
                      HasSubstr("environment FADEOUT_SPEECH_LINK_EXPIRY"), HasSubstr("from 1s to 7d")));
    EXPECT_THAT(refusal(file("[http]\nio_threads = 1000\n")),
                AllOf(HasSubstr("file fadeout.toml"), HasSubstr("from 0 to 256")));
    EXPECT_THAT(refusal({{{"sweep.mode", "promis"}}, {}, "", ""}),
                AllOf(HasSubstr("flag --sweep-mode"), HasSubstr("promise or day")));
}

TEST(Load, ABadValueStopsTheStartEvenWhenOverridden) {
    Layers layers = environment({{"FADEOUT_JOBS", "many"}});
    layers.flags = {{"jobs.threads", "1"}};
    EXPECT_THAT(refusal(layers), HasSubstr("FADEOUT_JOBS"));
}

TEST(Load, EverySettingRefusesNonsense) {
    const std::vector<std::pair<std::string, std::string>> bad = {
        {"data", ""},
        {"public_url", "example.com"},
        {"public_url", "http://"},
        {"public_url", "https://a.example/x?y"},
        {"public_url", "https://user@a.example"},
        {"store.bucket", "Up"},
        {"store.bucket", "../x"},
        {"store.region", "a/b"},
        {"http.listen", "8080"},
        {"http.listen", ""},
        {"http.cors_origins", "example.com"},
        {"http.cors_origins", "https://a.example/path"},
        {"http.max_upload_bytes", "0"},
        {"http.max_upload_bytes", "-1"},
        {"speech.max_characters", "1.5"},
        {"speech.link_expiry", "0s"},
        {"transcode.link_expiry", "7d1h"},
        {"upload.link_expiry", "999ms"},
        {"sweep.enabled", "maybe"},
        {"sweep.daily_at", "24:00"},
        {"sweep.daily_at", "12:60"},
        {"sweep.daily_at", "1:00"},
        {"cleanup.temporary_prefixes", "temp-audio"},
        {"cleanup.temporary_prefixes", "temp-audio/,"},
        {"log.level", "loud"},
        {"log.level", ""},
        {"log.format", ""},
    };
    for (const auto& [name, value] : bad)
        EXPECT_THROW(load({{{name, value}}, {}, "", ""}), Error) << name << " = " << value;
}

TEST(Load, TheLogTakesEachLevelAndFormatThatItKnows) {
    for (const char* level : {"trace", "debug", "info", "warn", "error", "off"})
        EXPECT_EQ(load({{{"log.level", level}}, {}, "", ""}).settings.log.level, level);
    for (const char* format : {"auto", "text", "json"})
        EXPECT_EQ(load({{{"log.format", format}}, {}, "", ""}).settings.log.format, format);
}

TEST(Load, LinkExpiriesReachBothEnds) {
    for (const char* name : {"speech.link_expiry", "transcode.link_expiry", "upload.link_expiry"})
        for (const char* value : {"1s", "7d", "604800"})
            EXPECT_NO_THROW(load({{{name, value}}, {}, "", ""})) << name << value;
}

TEST(Load, SecretsAreMaskedInErrorsToo) {
    Settings s;
    const Setting& setting = *find("queue.url");
    assign(setting, s, "redis://user:secret@host/0", "here");
    EXPECT_THAT(format_masked(setting, s), Not(HasSubstr("secret")));
    EXPECT_THAT(format(setting, s), HasSubstr("secret"));
    EXPECT_THAT(refusal({{{"queue.url", "redis://user:secret@host/0\n"}}, {}, "", ""}),
                Not(HasSubstr("secret")));
}

TEST(Toml, ErrorsNameFileAndLine) {
    EXPECT_THAT(refusal(file("a = 1\nb = = 2\n")), HasSubstr("fadeout.toml, line 2"));
    EXPECT_THAT(refusal(file("\n\ndata = 1.5\n")), HasSubstr("fadeout.toml, line 3"));
    EXPECT_THAT(refusal(file("[source]\nallow = ['a', 5]\n")), HasSubstr("line 2"));
    EXPECT_THAT(refusal(file("[source]\nallow = ['a,b']\n")), HasSubstr("without commas"));
    EXPECT_THAT(refusal(file("data = 2026-11-20\n")), HasSubstr("line 1"));
}

TEST(Toml, FlattensTables) {
    EXPECT_THAT(parse_toml("x = true\n[a]\nb = ['1', '2']\n[a.c]\nd = 5\ne = []\n", "f"),
                testing::UnorderedElementsAre(testing::Pair("x", "true"), testing::Pair("a.b", "1,2"),
                                              testing::Pair("a.c.d", "5"), testing::Pair("a.c.e", "")));
}

}  // namespace
}  // namespace fadeout::config
