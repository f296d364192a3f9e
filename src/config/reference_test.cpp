#include "config/reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <random>
#include <regex>
#include <set>

#include "base/text.h"
#include "config/table.h"

namespace fadeout::config {
namespace {

std::vector<std::string> values_of(const Settings& settings) {
    std::vector<std::string> values;
    for (const Setting& setting : table()) values.push_back(format(setting, settings));
    return values;
}

std::string uncommented(const std::string& sample) {
    return std::regex_replace(sample, std::regex("(^|\n)#([a-z_]+ = )"), "$1$2");
}

TEST(Table, NamesAreUniqueAndWellFormed) {
    std::set<std::string, std::less<>> names, flags, environment;
    for (const Setting& setting : table()) {
        EXPECT_TRUE(names.emplace(setting.name).second) << setting.name;
        EXPECT_TRUE(flags.emplace(setting.flag).second) << setting.flag;
        EXPECT_TRUE(environment.emplace(setting.environment()).second) << setting.environment();
        EXPECT_TRUE(std::regex_match(std::string(setting.name), std::regex("([a-z]+\\.)?[a-z_]+")))
            << setting.name;
        EXPECT_TRUE(std::regex_match(std::string(setting.flag), std::regex("[a-z]+(-[a-z]+)*")))
            << setting.flag;
        EXPECT_TRUE(setting.help.ends_with('.')) << setting.name;
    }
    EXPECT_TRUE(environment.contains("FADEOUT_SPEECH_LINK_EXPIRY"));
    for (const char* flag :
         {"data", "store", "records", "queue", "listen", "public-url", "source-allow", "speech-link-expiry",
          "transcode-link-expiry", "sweep-mode", "sweep-orphans-after", "sweep-uploads-after",
          "cleanup-delay", "api-key-file", "jobs", "processor-url", "processor-timeout"})
        EXPECT_TRUE(flags.contains(flag)) << "named in the wire formats: --" << flag;
}

TEST(Table, EveryDefaultIsAccepted) {
    const Settings defaults;
    Settings s;
    for (const Setting& setting : table())
        EXPECT_NO_THROW(assign(setting, s, format(setting, defaults), "default")) << setting.name;
    EXPECT_EQ(values_of(s), values_of(defaults));
}

TEST(Sample, AsItIsChangesNothing) {
    EXPECT_EQ(values_of(load({{}, {}, "sample", sample_toml()}).settings), values_of(Settings{}));
    EXPECT_TRUE(parse_toml(sample_toml(), "sample").empty());
}

TEST(Sample, UncommentedParsesBackToTheDefaults) {
    const std::string text = uncommented(sample_toml());
    EXPECT_EQ(parse_toml(text, "sample").size(), table().size());
    EXPECT_EQ(values_of(load({{}, {}, "sample", text}).settings), values_of(Settings{}));
}

/// A random value that the setting accepts.
std::string random_value(const Setting& setting, std::mt19937& random) {
    const auto between = [&](auto least, auto most) {
        return std::uniform_int_distribution<long long>(static_cast<long long>(least),
                                                        static_cast<long long>(most))(random);
    };
    if (const auto* number = std::get_if<Number>(&setting.type))
        return std::to_string(between(number->least, number->most));
    if (const auto* size = std::get_if<Size>(&setting.type))
        return std::to_string(between(size->least, size->most));
    if (const auto* span = std::get_if<Span>(&setting.type))
        return format_duration(Duration(between(span->least.count(), span->most.count())));
    if (const auto* choice = std::get_if<Choice>(&setting.type))
        return std::string(choice->choices[static_cast<std::size_t>(between(0, choice->choices.size() - 1))]);
    if (setting.is_flag()) return between(0, 1) == 1 ? "true" : "false";
    return format(setting, Settings{});
}

TEST(Values, WhatIsWrittenIsReadBackTheSameFromTextAndFromToml) {
    std::mt19937 random(7);
    for (int round = 0; round < 200; ++round) {
        Settings written;
        for (const Setting& setting : table())
            assign(setting, written, random_value(setting, random), "test");
        Settings from_text, from_file;
        for (const Setting& setting : table()) {
            assign(setting, from_text, format(setting, written), "test");
            const std::string line = "x = " + format_toml(setting, written);
            assign(setting, from_file, parse_toml(line, "test").front().second, "test");
        }
        ASSERT_EQ(values_of(from_text), values_of(written));
        ASSERT_EQ(values_of(from_file), values_of(written));
    }
}

TEST(Values, QuotesAndBackslashesSurviveTheFile) {
    Settings s;
    const Setting& data = *find("data");
    assign(data, s, R"(a "b" \c)", "test");
    EXPECT_EQ(parse_toml("x = " + format_toml(data, s), "test").front().second, s.data);
}

TEST(Docs, ThePageIsWhatTheTableSays) {
    std::ifstream page(FADEOUT_SOURCE_DIR "/docs/configuration.md");
    const std::string text(std::istreambuf_iterator<char>(page), {});
    EXPECT_TRUE(text == reference_markdown())
        << "out of date; run: fadeout config docs > docs/configuration.md";
}

TEST(Effective, PrintsValueAndOriginAndMasksSecrets) {
    const std::string text =
        to_text(load({{{"store.url", "s3://key:hunter2@bucket"}}, {{"FADEOUT_JOBS", "4"}}, "", ""}));
    EXPECT_THAT(text, testing::ContainsRegex("jobs.threads +4 +environment FADEOUT_JOBS\n"));
    EXPECT_THAT(text, testing::ContainsRegex("store.url +s3://\\*\\*\\*@bucket +flag --store\n"));
    EXPECT_THAT(text, testing::Not(testing::HasSubstr("hunter2")));
}

}  // namespace
}  // namespace fadeout::config
