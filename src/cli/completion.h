#pragma once
#include <string>
#include <vector>

#include "cli/command.h"

namespace fadeout::cli {

/// A script for bash that completes subcommands, flags, their choices and file names.
std::string bash_completion(const std::vector<Command>& commands);

}  // namespace fadeout::cli
