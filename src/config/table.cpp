#include "config/table.h"

#include <algorithm>

#include "config/rows.h"

namespace fadeout::config {

namespace {

/// The flag of a setting that has no shorter one of its own: "speech.link_expiry" -> "speech-link-expiry".
std::string flag_of(std::string_view name) {
    std::string flag(name);
    std::ranges::replace(flag, '.', '-');
    std::ranges::replace(flag, '_', '-');
    return flag;
}

std::vector<Setting> build_table() {
    std::vector<Setting> all;
    for (auto* part : {place_rows, server_rows, media_rows, upkeep_rows})
        std::ranges::move(part(), std::back_inserter(all));
    for (Setting& setting : all)
        if (setting.flag.empty()) setting.flag = flag_of(setting.name);
    return all;
}

}  // namespace

std::string Setting::environment() const {
    std::string out = "FADEOUT_";
    for (const char c : flag)
        out += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    return out;
}

std::string_view Setting::section() const {
    const std::size_t dot = name.find('.');
    return dot == std::string_view::npos ? std::string_view() : name.substr(0, dot);
}

const std::vector<Setting>& table() {
    static const std::vector<Setting> all = build_table();
    return all;
}

const Setting* find(std::string_view name) {
    const auto at = std::ranges::find(table(), name, &Setting::name);
    return at == table().end() ? nullptr : &*at;
}

}  // namespace fadeout::config
