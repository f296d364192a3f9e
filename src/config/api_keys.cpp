#include "config/api_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "base/error.h"
#include "base/text.h"

namespace fadeout::config {

namespace {

bool is_key(std::string_view line) {
    constexpr std::size_t shortest = 16;
    constexpr std::size_t longest = 256;
    return line.size() >= shortest && line.size() <= longest &&
           std::all_of(line.begin(), line.end(), [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

std::vector<std::string> read_api_keys(const std::string& path) {
    std::ifstream file(path);
    if (!file) throw Error(ErrorKind::invalid, fmt::format("The API key file '{}' cannot be read", path));
    std::vector<std::string> keys;
    std::string text;
    for (int number = 1; std::getline(file, text); ++number) {
        const std::string_view line = trim(text);
        if (line.empty() || line.front() == '#') continue;
        if (!is_key(line))
            throw Error(
                ErrorKind::invalid,
                fmt::format("Line {} of the API key file '{}' is no key: use 16 to 256 printable ASCII "
                            "characters without spaces",
                            number, path));
        keys.emplace_back(line);
    }
    if (keys.empty())
        throw Error(ErrorKind::invalid,
                    fmt::format("The API key file '{}' holds no key; write one a line", path));
    return keys;
}

}  // namespace fadeout::config
