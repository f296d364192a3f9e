#include "aws/credentials.h"

#include <cstdlib>

#include "base/error.h"

namespace fadeout::aws {

Environment process_environment() {
    return [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        if (value == nullptr || *value == '\0') return std::nullopt;
        return value;
    };
}

std::optional<Credentials> environment_credentials(const Environment& environment) {
    const auto id = environment("AWS_ACCESS_KEY_ID");
    const auto secret = environment("AWS_SECRET_ACCESS_KEY");
    if (!id && !secret) return std::nullopt;
    if (!id || !secret)
        throw Error(ErrorKind::denied, "Set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or neither.");
    return Credentials{*id, *secret, environment("AWS_SESSION_TOKEN").value_or("")};
}

}  // namespace fadeout::aws
