// Texts to values and back, by the type of a setting.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "base/text.h"
#include "config/table.h"

namespace fadeout::config {

namespace {

template <class... F>
struct Overloaded : F... {
    using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

/// Sizes are written with the largest binary unit that divides them, as parse_bytes() reads them.
std::string format_size(std::uint64_t bytes) {
    for (const auto& [unit, name] : {std::pair(1ULL << 30, "GiB"), {1ULL << 20, "MiB"}, {1ULL << 10, "KiB"}})
        if (bytes != 0 && bytes % unit == 0) return fmt::format("{}{}", bytes / unit, name);
    return std::to_string(bytes);
}

std::vector<std::string> parse_list(std::string_view text) {
    std::vector<std::string> items;
    if (trim(text).empty()) return items;
    for (const std::string_view item : split(text, ',')) items.emplace_back(trim(item));
    return items;
}

/// Stores what `text` says in `s`; false where the type does not accept it.
struct Assign {
    Settings& s;
    std::string_view text;

    bool operator()(const Text& t) const {
        if (text.find_first_of(std::string_view("\0\n\r", 3)) != std::string_view::npos) return false;
        if (!text.empty() && t.valid != nullptr && !t.valid(text)) return false;
        Settings defaults;
        if (text.empty() && t.valid != nullptr && !t.at(defaults).empty()) return false;
        t.at(s) = text;
        return true;
    }
    bool operator()(const Choice& c) const {
        if (std::ranges::find(c.choices, text) == c.choices.end()) return false;
        c.at(s) = text;
        return true;
    }
    bool operator()(const List& l) const {
        std::vector<std::string> items = parse_list(text);
        if (!std::ranges::all_of(items, l.valid)) return false;
        l.at(s) = std::move(items);
        return true;
    }
    bool operator()(const Flag& f) const {
        const std::string word = to_lower(text);
        const bool is_true = word == "true" || word == "yes" || word == "on" || word == "1";
        if (!is_true && word != "false" && word != "no" && word != "off" && word != "0") return false;
        f.at(s) = is_true;
        return true;
    }
    bool operator()(const Number& n) const {
        int value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc() || end != text.data() + text.size() || value < n.least || value > n.most)
            return false;
        n.at(s) = value;
        return true;
    }
    bool operator()(const Size& z) const {
        const auto value = parse_bytes(text);
        if (!value || *value < z.least || *value > z.most) return false;
        z.at(s) = *value;
        return true;
    }
    bool operator()(const Span& d) const {
        const auto value = parse_duration(text);
        if (!value || *value < d.least || *value > d.most) return false;
        d.at(s) = *value;
        return true;
    }
};

/// A TOML basic string.
std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

}  // namespace

std::string accepts(const Setting& setting) {
    return std::visit(
        Overloaded{
            [](const Text& t) { return std::string(t.accepts); },
            [](const Choice& c) { return fmt::format("{}", fmt::join(c.choices, " or ")); },
            [](const List& l) { return std::string(l.accepts); },
            [](const Flag&) { return std::string("true or false"); },
            [](const Number& n) { return fmt::format("a whole number from {} to {}", n.least, n.most); },
            [](const Size& z) {
                return fmt::format("a size from {} to {}, such as 100MB or 4GiB", format_size(z.least),
                                   format_size(z.most));
            },
            [](const Span& d) {
                return fmt::format("a duration from {} to {}, such as 90s, 10m or 24h",
                                   format_duration(d.least), format_duration(d.most));
            },
        },
        setting.type);
}

void assign(const Setting& setting, Settings& settings, std::string_view text, std::string_view origin) {
    if (std::visit(Assign{settings, text}, setting.type)) return;
    const std::string shown = setting.secret ? mask_url(text) : std::string(text);
    throw Error(ErrorKind::invalid,
                fmt::format("{} = \"{}\" ({}): must be {}.", setting.name, shown, origin, accepts(setting)));
}

std::string format(const Setting& setting, const Settings& settings) {
    Settings s = settings;  // the accessors serve reading and writing alike
    return std::visit(Overloaded{
                          [&](const List& l) { return fmt::format("{}", fmt::join(l.at(s), ",")); },
                          [&](const Flag& f) { return std::string(f.at(s) ? "true" : "false"); },
                          [&](const Number& n) { return std::to_string(n.at(s)); },
                          [&](const Size& z) { return format_size(z.at(s)); },
                          [&](const Span& d) { return format_duration(d.at(s)); },
                          [&](const auto& text) { return text.at(s); },
                      },
                      setting.type);
}

std::string format_masked(const Setting& setting, const Settings& settings) {
    const std::string value = format(setting, settings);
    return setting.secret ? mask_url(value) : value;
}

std::string format_toml(const Setting& setting, const Settings& settings) {
    const std::string value = format(setting, settings);
    if (setting.is_flag() || std::holds_alternative<Number>(setting.type)) return value;
    if (!std::holds_alternative<List>(setting.type)) return quoted(value);
    std::vector<std::string> items = parse_list(value);
    std::ranges::transform(items, items.begin(), quoted);
    return fmt::format("[{}]", fmt::join(items, ", "));
}

}  // namespace fadeout::config
