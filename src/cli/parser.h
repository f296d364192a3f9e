#pragma once
#include <string>
#include <vector>

#include "cli/command.h"

namespace fadeout::cli {

/// What a command line asks for.
struct Parsed {
    const Command* command = nullptr;    ///< to be run; nothing: print `text` and end with 0
    std::string text{};                  ///< help or version
    config::NameValues setting_flags{};  ///< setting name -> value
    std::string config_file{};           ///< of --config
    bool json = false;
};

/// Reads `arguments` (without the program's name) by `commands` and stores the values in their targets.
/// Error(invalid) for whatever is wrong, naming the nearest known flag or subcommand.
Parsed parse(const std::vector<Command>& commands, const std::vector<std::string>& arguments,
             const std::string& version);

}  // namespace fadeout::cli
