#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "aws/credentials.h"

// The files that AWS's own tools share. Source: AWS SDKs and Tools Reference Guide, "Shared config and
// credentials files".
namespace fadeout::aws {

using Profile = std::map<std::string, std::string, std::less<>>;

/// The settings of each [profile]. In the config file a section is "[profile name]", "default" apart; in the
/// credentials file it is "[name]". Indented lines are settings of settings and are left out, and so is what
/// cannot be read.
std::map<std::string, Profile> parse_profiles(std::string_view text, bool config_file);

/// The chosen profile (AWS_PROFILE, else "default") from ~/.aws/config and ~/.aws/credentials, or from where
/// AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE say; what the credentials file says wins. Empty where
/// there is none; Error(misconfigured) where AWS_PROFILE names one that does not exist.
Profile load_profile(const Environment& environment);

/// AWS_REGION, AWS_DEFAULT_REGION, or the profile's region.
std::optional<std::string> default_region(const Environment& environment);

}  // namespace fadeout::aws
