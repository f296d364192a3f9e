#pragma once
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/settings.h"

namespace fadeout::config {

// The types of settings. `at` gives the member of a Settings object that holds the value.

struct Text {
    std::string& (*at)(Settings&);
    bool (*valid)(std::string_view) = nullptr;  ///< nullptr: any text
    std::string_view accepts = "text";
};
struct Choice {
    std::string& (*at)(Settings&);
    std::vector<std::string_view> choices;
};
struct List {  ///< comma-separated as text, an array in the file
    std::vector<std::string>& (*at)(Settings&);
    bool (*valid)(std::string_view);  ///< each element
    std::string_view accepts;
};
struct Flag {
    bool& (*at)(Settings&);
};
struct Number {
    int& (*at)(Settings&);
    int least, most;
};
struct Size {  ///< bytes
    std::uint64_t& (*at)(Settings&);
    std::uint64_t least, most;
};
struct Span {  ///< a length of time
    Duration& (*at)(Settings&);
    Duration least, most;
};
using Type = std::variant<Text, Choice, List, Flag, Number, Size, Span>;

/// A name from before fadeout. `unit` is appended to its value, which must be a plain number.
struct LegacyName {
    std::string_view name;
    std::string_view unit = {};
};

/// One row of the table from which flags, environment names, file keys and every text about them are made.
struct Setting {
    std::string_view name;  ///< "speech.link_expiry": key of the file
    std::string flag;       ///< "speech-link-expiry"; the environment name is FADEOUT_SPEECH_LINK_EXPIRY
    Type type;
    std::string_view help;           ///< one sentence or two, ending in a full stop
    std::vector<LegacyName> legacy;  ///< looked at in this order when the FADEOUT_ name is not set
    bool secret = false;             ///< may hold credentials: printed through mask_url()

    std::string environment() const;
    std::string_view section() const;  ///< "speech"; empty for the top level
    bool is_flag() const { return std::holds_alternative<Flag>(type); }
};

const std::vector<Setting>& table();
const Setting* find(std::string_view name);

/// What a setting accepts, for messages and docs: "a duration from 1s to 7d, such as 24h".
std::string accepts(const Setting& setting);

/// Sets the value from text. Error(invalid): "speech.link_expiry = "8d" (environment X): must be ...".
void assign(const Setting& setting, Settings& settings, std::string_view text, std::string_view origin);

/// The value as text that assign() reads back.
std::string format(const Setting& setting, const Settings& settings);
/// The same, fit for printing: credentials masked.
std::string format_masked(const Setting& setting, const Settings& settings);
/// The value as it stands in a TOML file.
std::string format_toml(const Setting& setting, const Settings& settings);

}  // namespace fadeout::config
