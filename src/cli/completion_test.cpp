#include "cli/completion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "cli/commands.h"

namespace fadeout::cli {
namespace {

/// In the root folder, so that no file of the build is offered: what bash completes `line` to, whose last
/// word is being typed: words joined by spaces.
std::string complete(const std::vector<std::string>& line) {
    std::string script = bash_completion(all_commands()) + "COMP_WORDS=(";
    for (const std::string& word : line) script += " '" + word + "'";
    script += ")\nCOMP_CWORD=" + std::to_string(line.size() - 1) + "\n_fadeout\necho \"${COMPREPLY[*]}\"\n";
    ::setenv("COMPLETION_SCRIPT", script.c_str(), 1);
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> bash(
        ::popen("cd / && bash --norc -c \"$COMPLETION_SCRIPT\" 2>&1", "r"), ::pclose);
    std::string out;
    std::array<char, 4096> piece;
    while (const std::size_t n = std::fread(piece.data(), 1, piece.size(), bash.get()))
        out.append(piece.data(), n);
    ::unsetenv("COMPLETION_SCRIPT");
    return out;
}

TEST(Completion, KnowsEverySubcommand) {
    const std::string script = bash_completion(all_commands());
    const std::string offered = complete({"fadeout", ""});
    for (const Command& command : all_commands()) {
        EXPECT_THAT(script, testing::HasSubstr("'" + command.name + "')")) << command.name;
        EXPECT_THAT(offered, testing::HasSubstr(command.name)) << command.name;
    }
}

TEST(Completion, CompletesInBash) {
    EXPECT_EQ(complete({"fadeout", "tr"}), "transcode\n");
    EXPECT_EQ(complete({"fadeout", "jobs", "ret"}), "retry\n");
    EXPECT_EQ(complete({"fadeout", "transcode", "a.wav", "--wa"}), "--watermark\n");
    EXPECT_EQ(complete({"fadeout", "presign", "some/key", "--method", ""}), "GET PUT\n");
    EXPECT_EQ(complete({"fadeout", "jobs", "list", "--state", "de"}), "dead\n");
    EXPECT_EQ(complete({"fadeout", "sweep", "--sweep-mode", "p"}), "promise\n");
    EXPECT_EQ(complete({"fadeout", "jobs", "show", "--queu"}), "--queue\n");
    EXPECT_THAT(complete({"fadeout", "probe", "/et"}), testing::HasSubstr("/etc"));
}

}  // namespace
}  // namespace fadeout::cli
