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

}  // namespace

std::optional<ContentRange> parse_content_range(std::string_view text) {
    text = trim(text);
    if (text.size() < 6 || to_lower(text.substr(0, 6)) != "bytes ") return std::nullopt;
    text = trim(text.substr(6));
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
