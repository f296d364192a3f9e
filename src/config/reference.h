#pragma once
#include <string>

#include "config/load.h"

namespace fadeout::config {

/// A TOML file with every setting explained and commented out at its default.
std::string sample_toml();

/// docs/configuration.md.
std::string reference_markdown();

/// One line per setting: name, value, origin; secrets masked.
std::string to_text(const Effective& effective);

}  // namespace fadeout::config
