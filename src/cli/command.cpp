#include "cli/command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/error.h"
#include "base/text.h"

namespace fadeout::cli {

namespace {

template <class T>
std::optional<T> parse_number(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

struct Store {
    const Argument& argument;
    std::string_view text;

    [[noreturn]] void refuse(std::string_view accepted) const {
        throw Error(ErrorKind::invalid, fmt::format("{} \"{}\": must be {}.", argument.name, text, accepted));
    }
    void operator()(bool* target) const { *target = true; }
    void operator()(std::string* target) const { *target = text; }
    void operator()(std::optional<std::string>* target) const { *target = text; }
    void operator()(std::optional<int>* target) const {
        *target = parse_number<int>(text);
        if (!*target) refuse("a whole number");
    }
    void operator()(std::optional<double>* target) const {
        *target = parse_number<double>(text);
        if (!*target || !std::isfinite(**target)) refuse("a number");
    }
    void operator()(Duration* target) const {
        const auto value = parse_duration(text);
        if (!value) refuse("a duration such as 90s, 10m or 24h");
        *target = *value;
    }
};

bool takes(const Command& command, const config::Setting& setting) {
    return std::ranges::any_of(command.settings, [&](std::string_view wanted) {
        return wanted == "*" || wanted == setting.name || (!wanted.empty() && wanted == setting.section());
    });
}

}  // namespace

void assign(const Argument& argument, std::string_view text) {
    const Store store{argument, text};
    if (!argument.choices.empty() && std::ranges::find(argument.choices, text) == argument.choices.end())
        store.refuse(fmt::format("{}", fmt::join(argument.choices, ", ")));
    std::visit(store, argument.target);
}

std::vector<const config::Setting*> settings_of(const Command& command) {
    std::vector<const config::Setting*> taken;
    for (const config::Setting& setting : config::table())
        if (takes(command, setting)) taken.push_back(&setting);
    return taken;
}

std::vector<std::string> flags_of(const Command& command) {
    std::vector<std::string> flags{"--help"};
    for (const Argument& argument : command.arguments) {
        if (argument.is_positional()) continue;
        for (const std::string_view name : split(argument.name, ',')) flags.emplace_back(name);
    }
    if (command.has_json) flags.emplace_back("--json");
    const auto settings = settings_of(command);
    if (!settings.empty()) flags.emplace_back("--config");
    for (const config::Setting* setting : settings) flags.push_back("--" + setting->flag);
    return flags;
}

}  // namespace fadeout::cli
