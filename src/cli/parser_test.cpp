#include "cli/parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "cli/commands.h"

namespace fadeout::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

struct Values {
    bool fast = false;
    std::string in, out, path = "default/";
    std::optional<int> count;
    std::optional<double> level;
    Duration wait{};
};

/// A small tree of commands that stores into `values`.
std::vector<Command> commands(Values& values) {
    Command copy{.name = "copy",
                 .summary = "Copies",
                 .arguments = {{"IN", "", &values.in, "", true, {}},
                               {"OUT", "", &values.out, "", true, {}},
                               {"-f,--fast", "", &values.fast, "", false, {}},
                               {"--path", "", &values.path, "FOLDER", false, {}},
                               {"--count", "", &values.count, "N", false, {}},
                               {"--level", "", &values.level, "N", false, {}},
                               {"--wait", "", &values.wait, "DURATION", false, {}}},
                 .settings = {"records", "sweep.mode"},
                 .has_json = true,
                 .run = [](const Invocation&) { return 0; }};
    Command list{.name = "list", .summary = "Lists", .run = [](const Invocation&) { return 0; }};
    Command group{.name = "group", .summary = "Groups", .subcommands = {list}};
    copy.alias = "old:copy";
    return {copy, group};
}

Parsed parse_with(Values& values, const std::vector<std::string>& arguments) {
    static std::vector<Command> kept;
    kept = commands(values);
    return parse(kept, arguments, "1.2.3");
}

std::string refusal(const std::vector<std::string>& arguments) {
    Values values;
    try {
        parse_with(values, arguments);
        return "accepted";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid);
        return error.what();
    }
}

TEST(Parser, StoresArgumentsFlagsAndSettings) {
    Values v;
    const Parsed parsed =
        parse_with(v, {"copy", "a", "--fast", "-", "--count=5", "--level", "-23.5", "--wait", "10m", "--json",
                       "--config", "f.toml", "--records", "sqlite:///x", "--sweep-mode=day"});
    ASSERT_NE(parsed.command, nullptr);
    EXPECT_EQ(parsed.command->name, "copy");
    EXPECT_EQ(v.in, "a");
    EXPECT_EQ(v.out, "-");
    EXPECT_TRUE(v.fast);
    EXPECT_EQ(v.count, 5);
    EXPECT_EQ(v.level, -23.5);
    EXPECT_EQ(v.wait, std::chrono::minutes(10));
    EXPECT_EQ(v.path, "default/");
    EXPECT_TRUE(parsed.json);
    EXPECT_EQ(parsed.config_file, "f.toml");
    EXPECT_THAT(parsed.setting_flags,
                testing::UnorderedElementsAre(Pair("records.url", "sqlite:///x"), Pair("sweep.mode", "day")));
}

TEST(Parser, ATrueOrFalseSettingNeedsNoValue) {
    const std::vector<std::pair<std::string, std::string>> cases = {{"--records-store-links", "true"},
                                                                    {"--records-store-links=false", "false"}};
    for (const auto& [flag, expected] : cases) {
        Values v;
        EXPECT_THAT(parse_with(v, {"copy", "a", "b", flag}).setting_flags,
                    ElementsAre(Pair("records.store_links", expected)));
    }
}

TEST(Parser, AFlagMayBeSwitchedOff) {
    Values v;
    parse_with(v, {"copy", "a", "b", "--fast=false"});
    EXPECT_FALSE(v.fast);
}

TEST(Parser, AnEmptyValueIsAValue) {
    Values v;
    parse_with(v, {"copy", "a", "b", "--path=", "--count", "1"});
    EXPECT_EQ(v.path, "");
    EXPECT_EQ(v.count, 1);
    parse_with(v, {"copy", "a", "--", "--path="});
    EXPECT_EQ(v.out, "--path=");
}

TEST(Parser, AliasesAndInnerCommands) {
    Values v;
    EXPECT_EQ(parse_with(v, {"old:copy", "a", "b"}).command->name, "copy");
    EXPECT_EQ(parse_with(v, {"group", "list"}).command->name, "list");
    EXPECT_THAT(refusal({"group"}), HasSubstr("`fadeout group --help`"));
}

TEST(Parser, UnknownWordsNameTheNearest) {
    EXPECT_THAT(refusal({"copy", "a", "b", "--fats"}),
                AllOf(HasSubstr("Unknown flag \"--fats\""), HasSubstr("Did you mean \"--fast\"?"),
                      HasSubstr("`fadeout copy --help`")));
    EXPECT_THAT(refusal({"copy", "a", "b", "--sweep-mod=day"}), HasSubstr("\"--sweep-mode\"?"));
    EXPECT_THAT(refusal({"cpoy", "a"}),
                AllOf(HasSubstr("command \"cpoy\""), HasSubstr("Did you mean \"copy\"?")));
    EXPECT_THAT(refusal({"group", "lst"}), HasSubstr("Did you mean \"list\"?"));
    EXPECT_THAT(refusal({"--versoin"}), HasSubstr("Did you mean \"--version\"?"));
    EXPECT_THAT(refusal({"copy", "a", "b", "c"}), HasSubstr("argument \"c\""));
}

TEST(Parser, WrongUsesAreRefused) {
    EXPECT_THAT(refusal({}), HasSubstr("No command"));
    EXPECT_THAT(refusal({"copy", "a"}), HasSubstr("OUT"));
    EXPECT_THAT(refusal({"copy", "a", "b", "--count"}), HasSubstr("--count"));
    EXPECT_THAT(refusal({"copy", "a", "b", "--count", "x"}),
                AllOf(HasSubstr("--count"), HasSubstr("whole number")));
    EXPECT_THAT(refusal({"copy", "a", "b", "--count", "1.5"}), HasSubstr("whole number"));
    EXPECT_THAT(refusal({"copy", "a", "b", "--count", "99999999999"}), HasSubstr("whole number"));
    EXPECT_THAT(refusal({"copy", "a", "b", "--level", "nan"}), HasSubstr("must be a number"));
    EXPECT_THAT(refusal({"copy", "a", "b", "--wait", "soon"}), HasSubstr("duration"));
    EXPECT_NE(refusal({"copy", "a", "b", "--count", "1", "--count", "2"}), "accepted");
    EXPECT_NE(refusal({"copy", "a", "b", "--fast=perhaps"}), "accepted");
}

TEST(Parser, HelpAndVersion) {
    Values v;
    EXPECT_EQ(parse_with(v, {"--version"}).text, "fadeout 1.2.3\n");
    EXPECT_THAT(parse_with(v, {"--help"}).text,
                AllOf(HasSubstr("copy"), HasSubstr("Copies"), HasSubstr("Exit codes: 0 done")));
    EXPECT_THAT(parse_with(v, {"copy", "--help"}).text,
                AllOf(HasSubstr("--sweep-mode"), HasSubstr("Default: promise"), HasSubstr("--path FOLDER")));
}

void expect_help(const Command& command, const std::vector<std::string>& path) {
    std::vector<std::string> arguments = path;
    arguments.insert(arguments.end(), {command.name, "--help"});
    const std::string help = parse(all_commands(), arguments, "").text;
    EXPECT_THAT(help, HasSubstr(command.summary)) << command.name;
    for (const std::string& flag : flags_of(command)) EXPECT_THAT(help, HasSubstr(flag)) << command.name;
    if (path.empty()) {
        EXPECT_THAT(help, HasSubstr("Example")) << command.name;
    }
    for (const Command& inner : command.subcommands) expect_help(inner, {command.name});
}

TEST(Commands, EveryHelpTellsItsFlagsAndAnExample) {
    for (const Command& command : all_commands()) expect_help(command, {});
}

TEST(Commands, AreThoseThatScriptsKnow) {
    std::vector<std::string> names;
    for (const Command& command : all_commands()) names.push_back(command.name);
    EXPECT_THAT(names, testing::IsSupersetOf({"serve", "transcode", "say", "waveform", "probe", "voices",
                                              "cleanup", "sweep", "presign", "jobs", "tables", "config",
                                              "doctor", "completion", "migrate"}));
    const auto all = all_commands();
    EXPECT_EQ(parse(all, {"audio:cleanup-temp-files", "--dry-run", "--days=7"}, "").command->name, "cleanup");
}

TEST(Commands, WhateverTouchesStateTakesTheFlagsOfItsPlace) {
    for (const Command& command : all_commands()) {
        const bool is_state =
            std::string_view("serve sweep cleanup presign doctor config").find(command.name) !=
            std::string_view::npos;
        if (!is_state) continue;
        EXPECT_THAT(flags_of(command), testing::IsSupersetOf({"--data", "--store", "--records", "--queue",
                                                              "--config", "--public-url"}))
            << command.name;
    }
}

}  // namespace
}  // namespace fadeout::cli
