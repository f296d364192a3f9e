#include "net/content_range.h"

#include <charconv>

#include "base/text.h"

namespace fadeout::net {

namespace {

std::optional<std::uint64_t> parse_number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// What follows "bytes "; empty where something else stands there.
std::string_view behind_unit(std::string_view text) {
    constexpr std::string_view unit = "bytes ";
    text = trim(text);
    return to_lower(text.substr(0, unit.size())) == unit ? trim(text.substr(unit.size()))
                                                         : std::string_view();
}

}  // namespace

std::optional<std::uint64_t> parse_unsatisfied_range(std::string_view text) {
    text = behind_unit(text);
    return text.starts_with("*/") ? parse_number(text.substr(2)) : std::nullopt;
}

std::optional<ContentRange> parse_content_range(std::string_view text) {
    text = behind_unit(text);
    const std::size_t dash = text.find('-');
    const std::size_t slash = text.find('/');
    if (dash == std::string_view::npos || slash == std::string_view::npos || slash < dash)
        return std::nullopt;
    const auto first = parse_number(text.substr(0, dash));
    const auto last = parse_number(text.substr(dash + 1, slash - dash - 1));
    const std::string_view total_text = text.substr(slash + 1);
    const auto total = parse_number(total_text);
    if (!first || !last || (!total && total_text != "*")) return std::nullopt;
    if (*first > *last || (total && *last >= *total)) return std::nullopt;
    return ContentRange{*first, *last, total};
}

}  // namespace fadeout::net
