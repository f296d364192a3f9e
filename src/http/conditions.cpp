#include "http/conditions.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/http_date.h"
#include "base/text.h"

namespace fadeout::http {

namespace {

/// All digits; a number beyond 64 bits is as good as the largest one.
std::optional<std::uint64_t> parse_position(std::string_view digits) {
    if (digits.empty() || !std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; }))
        return std::nullopt;
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc() ? value : UINT64_MAX;
}

std::string quoted(std::string_view etag) {
    return '"' + std::string(etag) + '"';
}

Time whole_seconds(Time t) {
    return std::chrono::floor<std::chrono::seconds>(t);
}

}  // namespace

std::variant<WholeObject, ByteRange, Unsatisfiable> parse_range(std::string_view value, std::uint64_t total) {
    constexpr std::string_view unit = "bytes=";
    if (to_lower(value.substr(0, unit.size())) != unit) return WholeObject{};
    const std::string_view spec = trim(value.substr(unit.size()));
    const std::size_t dash = spec.find('-');
    if (dash == std::string_view::npos || spec.find(',') != std::string_view::npos) return WholeObject{};
    const auto first = parse_position(spec.substr(0, dash));
    const auto last = parse_position(spec.substr(dash + 1));
    if (dash == 0) {  // the last so many bytes
        if (!last) return WholeObject{};
        if (*last == 0 || total == 0) return Unsatisfiable{};
        const std::uint64_t size = std::min(*last, total);
        return ByteRange{total - size, size};
    }
    const bool open_end = dash + 1 == spec.size();
    if (!first || (!last && !open_end) || (last && *last < *first)) return WholeObject{};
    if (*first >= total) return Unsatisfiable{};
    const std::uint64_t end = open_end ? total - 1 : std::min(*last, total - 1);
    return ByteRange{*first, end - *first + 1};
}

bool matches_etag(std::string_view list, std::string_view etag) {
    if (trim(list) == "*") return true;
    const std::string wanted = quoted(etag);
    for (std::string_view item : split(list, ',')) {
        item = trim(item);
        if (item.starts_with("W/")) item.remove_prefix(2);  // If-None-Match compares weakly
        if (item == wanted) return true;
    }
    return false;
}

bool is_not_modified(const Request& request, std::string_view etag, Time modified) {
    if (has_field(request.headers, "If-None-Match"))
        return matches_etag(request.header("If-None-Match"), etag);
    const auto since = parse_http_date(request.header("If-Modified-Since"));
    return since && whole_seconds(modified) <= *since;
}

bool range_applies(const Request& request, std::string_view etag, Time modified) {
    const std::string_view condition = request.header("If-Range");
    if (condition.empty()) return true;
    if (condition.ends_with('"')) return condition == quoted(etag);  // compares strongly: no W/
    return parse_http_date(condition) == whole_seconds(modified);
}

}  // namespace fadeout::http
