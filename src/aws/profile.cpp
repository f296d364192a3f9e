#include "aws/profile.h"

#include <fstream>
#include <sstream>

#include "base/error.h"
#include "base/text.h"

namespace fadeout::aws {

namespace {

/// The profile that a line "[...]" begins; nothing where it begins another kind of section.
std::optional<std::string> section_profile(std::string_view line, bool config_file) {
    const std::size_t end = line.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    std::string_view name = trim(line.substr(1, end - 1));
    if (!config_file || name == "default") return std::string(name);
    constexpr std::string_view word = "profile";
    if (!name.starts_with(word) || name.size() == word.size() ||
        std::string_view(" \t").find(name[word.size()]) == std::string_view::npos)
        return std::nullopt;
    return std::string(trim(name.substr(word.size())));
}

/// Without a comment, which begins with white space and '#' or ';'.
std::string_view without_comment(std::string_view value) {
    for (std::size_t i = 1; i < value.size(); ++i)
        if ((value[i] == '#' || value[i] == ';') && (value[i - 1] == ' ' || value[i - 1] == '\t'))
            return trim(value.substr(0, i));
    return trim(value);
}

/// "" where there is no such file.
std::string read_text(const std::string& path) {
    const std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::string file_path(const Environment& environment, const std::string& variable, const std::string& name) {
    if (const auto path = environment(variable)) return *path;
    const auto home = environment("HOME");
    return home ? *home + "/.aws/" + name : std::string();
}

}  // namespace

std::map<std::string, Profile> parse_profiles(std::string_view text, bool config_file) {
    std::map<std::string, Profile> out;
    Profile* current = nullptr;
    for (std::string_view line : split(text, '\n')) {
        const bool indented = line.starts_with(' ') || line.starts_with('\t');
        line = trim(line);
        if (line.empty() || line.front() == '#' || line.front() == ';') continue;
        if (line.front() == '[') {
            const auto profile = section_profile(line, config_file);
            current = profile ? &out[*profile] : nullptr;
            continue;
        }
        const std::size_t equals = line.find('=');
        if (current == nullptr || indented || equals == std::string_view::npos) continue;
        (*current)[to_lower(trim(line.substr(0, equals)))] = without_comment(line.substr(equals + 1));
    }
    return out;
}

Profile load_profile(const Environment& environment) {
    const auto chosen = environment("AWS_PROFILE");
    const std::string name = chosen.value_or("default");
    const auto config = parse_profiles(read_text(file_path(environment, "AWS_CONFIG_FILE", "config")), true);
    const auto keys = parse_profiles(
        read_text(file_path(environment, "AWS_SHARED_CREDENTIALS_FILE", "credentials")), false);
    const auto from_config = config.find(name), from_keys = keys.find(name);
    if (chosen && from_config == config.end() && from_keys == keys.end())
        throw Error(ErrorKind::misconfigured,
                    "The AWS profile '" + name +
                        "' is in neither of AWS's shared files. Check AWS_PROFILE, or "
                        "profile= in the store's URL.");
    Profile out = from_keys == keys.end() ? Profile() : from_keys->second;
    if (from_config != config.end()) out.insert(from_config->second.begin(), from_config->second.end());
    return out;
}

std::optional<std::string> default_region(const Environment& environment) {
    if (auto region = environment("AWS_REGION")) return region;
    if (auto region = environment("AWS_DEFAULT_REGION")) return region;
    const Profile profile = load_profile(environment);
    const auto region = profile.find("region");
    return region == profile.end() ? std::nullopt : std::optional(region->second);
}

}  // namespace fadeout::aws
