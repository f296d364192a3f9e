#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "cli/program.h"
#include "config/load.h"
#include "config/table.h"

namespace fadeout::cli {

/// A flag or positional argument of a subcommand, and the variable that its value goes to.
struct Argument {
    std::string name;  ///< "IN", "--format" or "-o,--output"
    std::string help;
    std::variant<bool*, std::string*, std::optional<std::string>*, std::optional<int>*,
                 std::optional<double>*, Duration*>
        target;
    std::string value_name{};  ///< in the help: "FILE"; empty for a positional or a bool
    bool is_required = false;
    std::vector<std::string> choices{};  ///< empty: anything

    bool is_positional() const { return !name.starts_with('-'); }
};

/// Stores what the command line says. Error(invalid) names the argument, the value and what it accepts.
void assign(const Argument& argument, std::string_view text);

/// What a subcommand is run with, besides its own arguments.
struct Invocation {
    const Program& program;
    config::Effective effective;
    bool json = false;

    const config::Settings& settings() const { return effective.settings; }
};

/// A subcommand, described as data: parser.cpp makes the CLI11 tree of it and completion.cpp the shell
/// completion.
struct Command {
    std::string name;
    std::string summary;
    std::string details{};  ///< printed below the flags in its help: examples, notes
    std::vector<Argument> arguments{};
    std::vector<std::string_view>
        settings{};         ///< sections or names of the settings it takes as flags; "*" is all
    bool has_json = false;  ///< takes --json
    std::function<int(const Invocation&)> run{};  ///< none: one of `subcommands` must be given
    std::function<void(const Program&, const Error&)> on_error{};  ///< hears why it or its settings failed
    std::vector<Command> subcommands{};
    std::string alias{};
};

/// The settings that `command` takes as flags, in the order of the table.
std::vector<const config::Setting*> settings_of(const Command& command);
/// Every flag of `command`, with its dashes: for suggestions and completion.
std::vector<std::string> flags_of(const Command& command);

/// The settings of whatever touches stored state.
inline const std::vector<std::string_view> state_settings = {"data", "public_url", "store", "records.url",
                                                             "queue"};

}  // namespace fadeout::cli
