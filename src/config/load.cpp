#include "config/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "base/error.h"
#include "base/text.h"
#include "config/table.h"

extern char** environ;

namespace fadeout::config {

namespace {

[[noreturn]] void refuse_unknown(std::string_view what, std::string_view name,
                                 const std::vector<std::string>& known) {
    const auto near = nearest(name, known);
    throw Error(ErrorKind::invalid,
                fmt::format("{} \"{}\" is not known.{} `fadeout config sample` prints all of them.", what,
                            name, near ? fmt::format(" Did you mean \"{}\"?", *near) : ""));
}

class Loader {
  public:
    Loader() {
        for (const Setting& setting : table()) result.origins.emplace(setting.name, Origin{});
    }

    void apply_file(const Layers& layers) {
        if (layers.file_name.empty()) return;
        std::vector<std::string> known;
        for (const Setting& setting : table()) known.emplace_back(setting.name);
        for (const auto& [name, value] : parse_toml(layers.file_text, layers.file_name)) {
            const Setting* setting = find(name);
            if (setting == nullptr) refuse_unknown(layers.file_name + ": the setting", name, known);
            apply(*setting, value, {Origin::Kind::file, layers.file_name});
        }
    }

    void apply_environment(const NameValues& environment) {
        refuse_unknown_variables(environment);
        const auto value_of = [&](std::string_view name) -> std::string_view {
            const auto at = std::ranges::find(environment, name, &NameValues::value_type::first);
            return at == environment.end() ? std::string_view() : std::string_view(at->second);
        };
        for (const Setting& setting : table()) {
            const std::string name = setting.environment();
            if (const std::string_view value = value_of(name); !value.empty()) {
                apply(setting, value, {Origin::Kind::environment, name});
                continue;
            }
            for (const LegacyName& legacy : setting.legacy) {
                const std::string_view value = value_of(legacy.name);
                if (value.empty()) continue;
                apply(setting, std::string(value) + std::string(legacy.unit),
                      {Origin::Kind::environment, std::string(legacy.name)});
                break;
            }
        }
    }

    void apply_flags(const NameValues& flags) {
        for (const auto& [name, value] : flags) {
            const Setting* setting = find(name);
            if (setting == nullptr) throw Error(ErrorKind::internal, "There is no setting " + name + '.');
            apply(*setting, value, {Origin::Kind::flag, "--" + setting->flag});
        }
    }

    Effective result;

  private:
    static void refuse_unknown_variables(const NameValues& environment) {
        std::vector<std::string> known{std::string(config_variable)};
        for (const Setting& setting : table()) known.push_back(setting.environment());
        for (const auto& [name, value] : environment)
            if (name.starts_with("FADEOUT_") && std::ranges::find(known, name) == known.end())
                refuse_unknown("The environment variable", name, known);
    }

    void apply(const Setting& setting, std::string_view value, Origin origin) {
        assign(setting, result.settings, value, describe(origin));
        result.origins.find(setting.name)->second = std::move(origin);
    }
};

}  // namespace

std::string describe(const Origin& origin) {
    switch (origin.kind) {
        case Origin::Kind::file:
            return "file " + origin.name;
        case Origin::Kind::environment:
            return "environment " + origin.name;
        case Origin::Kind::flag:
            return "flag " + origin.name;
        case Origin::Kind::default_value:
            break;
    }
    return "default";
}

Effective load(const Layers& layers) {
    Loader loader;
    loader.apply_file(layers);
    loader.apply_environment(layers.environment);
    loader.apply_flags(layers.flags);
    check(loader.result.settings);
    return std::move(loader.result);
}

Layers read_layers(NameValues flags, std::string file_name) {
    Layers layers;
    layers.flags = std::move(flags);
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string_view text = *variable;
        const std::size_t equals = text.find('=');
        if (equals == std::string_view::npos) continue;
        layers.environment.emplace_back(text.substr(0, equals), text.substr(equals + 1));
        if (file_name.empty() && layers.environment.back().first == config_variable)
            file_name = layers.environment.back().second;
    }
    if (file_name.empty()) return layers;
    std::ifstream file(file_name, std::ios::binary);
    layers.file_text.assign(std::istreambuf_iterator<char>(file), {});
    if (!file || file.bad())
        throw Error(ErrorKind::invalid, fmt::format("The settings file {} cannot be read.", file_name));
    layers.file_name = std::move(file_name);
    return layers;
}

}  // namespace fadeout::config
