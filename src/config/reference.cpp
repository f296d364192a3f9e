#include "config/reference.h"

#include <fmt/format.h>

#include "base/text.h"
#include "config/table.h"

namespace fadeout::config {

namespace {

std::string code(std::string_view text) {
    return text.empty() ? "" : fmt::format("`{}`", text);
}

std::string environment_cell(const Setting& setting) {
    std::string cell = code(setting.environment());
    for (const LegacyName& legacy : setting.legacy) {
        cell += ", " + code(legacy.name);
        if (legacy.unit == "m") cell += " (minutes)";
    }
    return cell;
}

constexpr std::string_view markdown_head = R"(# Settings

This page is made by `fadeout config docs`; do not edit it.

A setting comes from, in this order: its flag, its environment variable, the settings file, its default.
`fadeout config` prints the value of each and where it came from, `fadeout config sample` a settings file with everything
explained and commented out. The file is TOML and is named by `--config FILE` or `FADEOUT_CONFIG`; no file is read
unless one is named.

A key of the file or a variable `FADEOUT_...` that is not listed here stops the start, and so does a value that its
setting does not accept. An empty variable counts as not set. Durations are whole numbers with a unit: `500ms`, `90s`, `10m`,
`24h`, `7d`; without a unit they are seconds. Sizes: `1024`, `64KiB`, `100MB`, `4GiB`. On the command line and in the
environment a list is separated by commas; in the file it is an array. `--some-setting` alone means `true`.

A setting's name is its key in the file: `speech.link_expiry` is `link_expiry` under `[speech]`.
)";

}  // namespace

std::string sample_toml() {
    const Settings defaults;
    std::string out =
        "# Settings of fadeout. Each one stands at its default and is commented out; remove the # to change "
        "it.\n"
        "# Flags and environment variables override this file.\n";
    std::string_view section;
    for (const Setting& setting : table()) {
        if (setting.section() != section) {
            section = setting.section();
            out += fmt::format("\n[{}]\n", section);
        }
        const std::string_view key = section.empty() ? setting.name : setting.name.substr(section.size() + 1);
        out += '\n' + wrap(setting.help, 100, "# ") + '\n';
        out += wrap(fmt::format("Accepts {}.", accepts(setting)), 100, "# ") + '\n';
        out += fmt::format("#{} = {}\n", key, format_toml(setting, defaults));
    }
    return out;
}

std::string reference_markdown() {
    const Settings defaults;
    std::string out(markdown_head);
    std::string_view section = "none yet";
    for (const Setting& setting : table()) {
        if (setting.section() != section) {
            section = setting.section();
            out += fmt::format("\n## {}\n\n", section.empty() ? "Top level" : fmt::format("[{}]", section));
            out +=
                "| Setting | What it does | Default | Accepts | Flag | Environment "
                "|\n|---|---|---|---|---|---|\n";
        }
        out += fmt::format("| {} | {} | {} | {} | {} | {} |\n", code(setting.name), setting.help,
                           code(format(setting, defaults)), accepts(setting), code("--" + setting.flag),
                           environment_cell(setting));
    }
    return out;
}

std::string to_text(const Effective& effective) {
    std::string out;
    for (const Setting& setting : table())
        out += fmt::format("{:<28} {:<28} {}\n", setting.name, format_masked(setting, effective.settings),
                           describe(effective.origins.find(setting.name)->second));
    return out;
}

}  // namespace fadeout::config
