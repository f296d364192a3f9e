#pragma once
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/settings.h"

namespace fadeout::config {

using NameValues = std::vector<std::pair<std::string, std::string>>;

/// What settings are made of, as texts, so that load() is a function of its arguments.
struct Layers {
    NameValues flags;        ///< setting name -> value
    NameValues environment;  ///< every variable of the process; an empty value counts as not set
    std::string file_name;   ///< for messages; empty: no file
    std::string file_text;   ///< TOML 1.0
};

struct Origin {
    enum class Kind { default_value, file, environment, flag } kind = Kind::default_value;
    std::string name;  ///< of the file, variable or flag
};
/// "default", "file fadeout.toml", "environment FADEOUT_DATA", "flag --data".
std::string describe(const Origin& origin);

struct Effective {
    Settings settings;
    std::map<std::string, Origin, std::less<>> origins;  ///< by setting name, one for each
};

/// Flags over environment over file over default. Error(invalid) for an unknown key of the file or an unknown
/// FADEOUT_ variable, naming the nearest known one, and for a value that its setting does not accept,
/// wherever it stands, even if another one overrides it.
Effective load(const Layers& layers);

/// The variable that names the settings file when no --config does.
inline constexpr std::string_view config_variable = "FADEOUT_CONFIG";

/// The process's environment and the text of `file_name` (empty: that of FADEOUT_CONFIG, if set).
/// Error(invalid) where the file cannot be read.
Layers read_layers(NameValues flags, std::string file_name);

/// A TOML document as setting names and texts: [a] b = [1, 2] becomes ("a.b", "1,2"). Error(invalid) with the
/// line for what is not TOML or not a value that a setting can have.
NameValues parse_toml(std::string_view text, std::string_view file_name);

}  // namespace fadeout::config
