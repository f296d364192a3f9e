#include "cli/completion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/output.h"

namespace fadeout::cli {

namespace {

/// The lines of the script's three tables, one per entry.
struct Tables {
    std::string names;    ///< words that begin a command line
    std::string inner;    ///< commands of two words
    std::string words;    ///< what may follow a command
    std::string choices;  ///< what may follow a flag that accepts only certain words

    void add_choice(const std::string& path, std::string_view flag, const std::string& accepted) {
        choices += fmt::format("        '{} {}') words='{}' ;;\n", path, flag, accepted);
    }

    void add(const Command& command, const std::string& path) {
        std::vector<std::string> following;
        for (const Command& each : command.subcommands) following.push_back(each.name);
        for (std::string& flag : flags_of(command)) following.push_back(std::move(flag));
        words += fmt::format("        '{}') words='{}' ;;\n", path, fmt::join(following, " "));
        for (const Argument& argument : command.arguments)
            if (!argument.choices.empty())
                for (const std::string_view flag : split(argument.name, ','))
                    add_choice(path, flag, fmt::format("{}", fmt::join(argument.choices, " ")));
        for (const config::Setting* setting : settings_of(command))
            if (const auto* choice = std::get_if<config::Choice>(&setting->type))
                add_choice(path, "--" + setting->flag, fmt::format("{}", fmt::join(choice->choices, " ")));
        for (const Command& each : command.subcommands) {
            const std::string inner_path = path + ' ' + each.name;
            inner += (inner.empty() ? "'" : " | '") + inner_path + '\'';
            add(each, inner_path);
        }
    }
};

}  // namespace

std::string bash_completion(const std::vector<Command>& commands) {
    Tables tables;
    for (const Command& command : commands) {
        tables.names += command.name + ' ';
        tables.add(command, command.name);
    }
    return fmt::format(R"(# bash completion for fadeout. Made by `fadeout completion bash`; load it with
#   source <(fadeout completion bash)
_fadeout() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD - 1]}}
    local word command='' second='' words='' files=no
    for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        case $word in
        -*) ;;
        *) if [ -z "$command" ]; then command=$word; elif [ -z "$second" ]; then second=$word; fi ;;
        esac
    done
    case "$command $second" in {0}) command="$command $second" ;; esac
    case "$command $previous" in
{1}    esac
    if [ -z "$words" ]; then
        case $command in '') ;; *) case $current in -*) ;; *) files=yes ;; esac ;; esac
        case "$command" in
        '') words='{2}--help --version' ;;
{3}        esac
    fi
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    if [ $files = yes ]; then COMPREPLY+=($(compgen -f -- "$current")); fi
}}
complete -o filenames -F _fadeout fadeout
)",
                       tables.inner, tables.choices, tables.names, tables.words);
}

Command completion_command() {
    const auto shell = std::make_shared<std::string>();
    return {.name = "completion",
            .summary = "Print a script that lets the shell complete commands and flags",
            .details = "Example:\n  source <(fadeout completion bash)",
            .arguments = {{"SHELL", "bash", shell.get(), "", true, {"bash"}}},
            .run = [shell](const Invocation&) {  // keeps what the argument points to
                print(bash_completion(all_commands()));
                return exit_ok;
            }};
}

}  // namespace fadeout::cli
