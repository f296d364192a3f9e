#include "config/webhook_secrets.h"

#include <fmt/format.h>

#include <fstream>
#include <optional>

#include "base/base64.h"
#include "base/error.h"
#include "base/text.h"

namespace fadeout::config {

namespace {

std::optional<std::string> parse_secret(std::string_view text) {
    constexpr std::string_view mark = "whsec_";
    constexpr std::size_t shortest_bytes = 24;
    constexpr std::size_t longest_bytes = 64;
    if (!text.starts_with(mark)) return std::nullopt;
    auto key = base64_decode(text.substr(mark.size()));
    if (key && (key->size() < shortest_bytes || key->size() > longest_bytes)) return std::nullopt;
    return key;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> read_webhook_secrets(const std::string& path) {
    std::ifstream file(path);
    if (!file)
        throw Error(
            ErrorKind::invalid,
            fmt::format("The file '{}' of webhook secrets (webhooks.secret_file) cannot be read", path));
    std::vector<std::pair<std::string, std::string>> secrets;
    std::string text;
    for (int number = 1; std::getline(file, text); ++number) {
        const std::string_view line = trim(text);
        if (line.empty() || line.front() == '#') continue;
        const std::size_t space = std::min(line.find_first_of(" \t"), line.size());
        const auto key = parse_secret(trim(line.substr(space)));
        if (!key)
            throw Error(
                ErrorKind::invalid,
                fmt::format("Line {} of the file '{}' of webhook secrets is none: write the beginning of "
                            "the endpoint's URL, a space, and whsec_ with the base64 of 24 to 64 bytes",
                            number, path));
        secrets.emplace_back(line.substr(0, space), *key);
    }
    return secrets;
}

}  // namespace fadeout::config
