#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace fadeout {

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_unreserved(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

/// Length of the code point that starts at `i`, or 0 where the bytes there are not valid UTF-8.
std::size_t utf8_length(std::string_view s, std::size_t i) noexcept {
    const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(s[k]); };
    const unsigned char lead = byte(i);
    if (lead < 0x80) return 1;
    const std::size_t n = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || i + n > s.size()) return 0;
    for (std::size_t k = 1; k < n; ++k)
        if ((byte(i + k) & 0xc0) != 0x80) return 0;
    const unsigned char second = byte(i + 1);
    if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f)) return 0;
    if ((lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f)) return 0;
    return n;
}

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};

/// A whole number followed by one of `units` (the first unit stands for a missing one).
std::optional<std::uint64_t> parse_with_unit(std::string_view text, std::span<const Unit> units) {
    text = trim(text);
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc()) return std::nullopt;
    const std::string_view rest = trim(text.substr(static_cast<std::size_t>(end - text.data())));
    const Unit* unit = rest.empty() ? &units.front() : nullptr;
    for (const Unit& u : units)
        if (u.name == rest) unit = &u;
    if (unit == nullptr || value > std::numeric_limits<std::int64_t>::max() / unit->factor)
        return std::nullopt;
    return value * unit->factor;
}

/// Hides what follows each name of a signature's parameter, up to the end of its value, whether it stands
/// behind '=' or an escaped one.
std::string mask_parameters(std::string_view text) {
    std::string out(text);
    for (const std::string_view name : {"X-Amz-Signature", "X-Amz-Credential", "X-Amz-Security-Token"})
        for (std::size_t at = out.find(name); at != std::string::npos; at = out.find(name, at)) {
            at += name.size();
            if (out.substr(at).starts_with('=')) ++at;
            const std::size_t end = std::min(out.find('&', at), out.size());
            if (end > at) out.replace(at, end - at, "***");
        }
    return out;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
            diagonal = above;
        }
    }
    return row.back();
}

}  // namespace

std::string to_hex(std::span<const unsigned char> bytes) {
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const unsigned char b : bytes) {
        out += hex_digits[b >> 4];
        out += hex_digits[b & 15];
    }
    return out;
}

std::string to_lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

std::string_view trim(std::string_view text) {
    constexpr std::string_view space = " \t\r\n\f\v";
    const std::size_t first = text.find_first_not_of(space);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(space) - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t at = text.find(separator);
        parts.push_back(text.substr(0, at));
        if (at == std::string_view::npos) return parts;
        text.remove_prefix(at + 1);
    }
}

bool equal_constant_time(std::string_view a, std::string_view b) noexcept {
    if (a.size() != b.size()) return false;
    unsigned char difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        difference = static_cast<unsigned char>(difference | (a[i] ^ b[i]));
    return difference == 0;
}

std::string percent_encode(std::string_view text, bool keep_slash) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (is_unreserved(c) || (keep_slash && c == '/')) {
            out += c;
        } else {
            const auto b = static_cast<unsigned char>(c);
            out += '%';
            out += "0123456789ABCDEF"[b >> 4];
            out += "0123456789ABCDEF"[b & 15];
        }
    }
    return out;
}

std::optional<std::string> percent_decode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        if (i + 2 >= text.size()) return std::nullopt;
        const int high = hex_value(text[i + 1]);
        const int low = hex_value(text[i + 2]);
        if (high < 0 || low < 0) return std::nullopt;
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return out;
}

bool is_utf8(std::string_view text) noexcept {
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t n = utf8_length(text, i);
        if (n == 0) return false;
        i += n;
    }
    return true;
}

std::size_t count_characters(std::string_view utf8) noexcept {
    return static_cast<std::size_t>(std::count_if(
        utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string_view first_characters(std::string_view utf8, std::size_t count) noexcept {
    std::size_t i = 0;
    while (i < utf8.size() && count > 0) {
        ++i;
        while (i < utf8.size() && (static_cast<unsigned char>(utf8[i]) & 0xc0) == 0x80) ++i;
        --count;
    }
    return utf8.substr(0, i);
}

std::optional<Duration> parse_duration(std::string_view text) {
    static constexpr std::array<Unit, 5> units{
        {{"s", 1000}, {"ms", 1}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
    const auto value = parse_with_unit(text, units);
    if (!value) return std::nullopt;
    return Duration(static_cast<Duration::rep>(*value));
}

std::string format_duration(Duration d) {
    const auto ms = d.count();
    if (ms == 0) return "0s";
    if (ms % 86'400'000 == 0) return fmt::format("{}d", ms / 86'400'000);
    if (ms % 3'600'000 == 0) return fmt::format("{}h", ms / 3'600'000);
    if (ms % 60'000 == 0) return fmt::format("{}m", ms / 60'000);
    if (ms % 1000 == 0) return fmt::format("{}s", ms / 1000);
    return fmt::format("{}ms", ms);
}

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
    static constexpr std::array<Unit, 8> units{{{"B", 1},
                                                {"KiB", 1ULL << 10},
                                                {"MiB", 1ULL << 20},
                                                {"GiB", 1ULL << 30},
                                                {"kB", 1000},
                                                {"KB", 1000},
                                                {"MB", 1'000'000},
                                                {"GB", 1'000'000'000}}};
    return parse_with_unit(text, units);
}

std::string format_bytes(std::uint64_t bytes) {
    constexpr std::array<std::string_view, 5> names{"B", "kB", "MB", "GB", "TB"};
    double value = static_cast<double>(bytes);
    std::size_t unit = 0;
    // 999.95 would be printed as 1000.0
    while (value >= (unit == 0 ? 1000 : 999.95) && unit + 1 < names.size()) {
        value /= 1000;
        ++unit;
    }
    return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, names[unit]);
}

std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates) {
    const std::size_t enough = std::max<std::size_t>(2, word.size() / 3);
    std::optional<std::string> best;
    std::size_t best_distance = enough + 1;
    for (const std::string& candidate : candidates) {
        const std::size_t distance = edit_distance(to_lower(word), to_lower(candidate));
        const bool related = distance < std::max(word.size(), candidate.size());
        if (related && distance < best_distance) {
            best_distance = distance;
            best = candidate;
        }
    }
    return best;
}

std::string wrap(std::string_view text, std::size_t width, std::string_view prefix) {
    std::string out(prefix);
    std::size_t used = prefix.size();
    for (const std::string_view word : split(text, ' ')) {
        const bool is_first = used == prefix.size();
        if (!is_first && used + 1 + word.size() > width) {
            (out += '\n') += prefix;
            used = prefix.size();
        } else if (!is_first) {
            out += ' ';
            ++used;
        }
        out += word;
        used += word.size();
    }
    return out;
}

bool is_web_url(std::string_view text) {
    const std::string start = to_lower(text.substr(0, 8));
    return start.starts_with("http://") || start.starts_with("https://");
}

std::string mask_url(std::string_view url) {
    std::string out(url);
    if (const std::size_t scheme = out.find("://"); scheme != std::string::npos) {
        const std::size_t host = scheme + 3;
        const std::size_t host_end = std::min(out.find_first_of("/?#", host), out.size());
        const std::size_t at = out.rfind('@', host_end);
        if (at != std::string::npos && at >= host && at < host_end) out.replace(host, at - host, "***");
    }
    if (const std::size_t fragment = out.find('#'); fragment != std::string::npos)
        out = out.substr(0, fragment) + "#***";
    constexpr std::string_view link_folder = "/l/";
    const std::size_t path_end = std::min(out.find_first_of("?#"), out.size());
    if (const std::size_t folder = out.find(link_folder); folder < path_end) {
        const std::size_t token = folder + link_folder.size();
        out.replace(token, path_end - token, "***");
    }
    const std::size_t query = out.find('?');
    if (query == std::string::npos) return out;
    std::string masked = out.substr(0, query + 1);
    bool first = true;
    for (const std::string_view pair : split(std::string_view(out).substr(query + 1), '&')) {
        if (!first) masked += '&';
        first = false;
        const std::size_t equals = pair.find('=');
        masked += pair.substr(0, equals);
        if (equals != std::string_view::npos) masked += "=***";
    }
    return masked;
}

std::string mask_links(std::string_view text) {
    constexpr std::string_view ends = " \"'<>()[]{},";
    std::string line(text);
    std::ranges::replace_if(
        line, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
    std::string out;
    for (std::string_view rest = line; !rest.empty();) {
        const std::size_t length = std::min(rest.find_first_of(ends), rest.size());
        std::string word = mask_parameters(rest.substr(0, length));
        const bool may_be_link = word.find_first_of("/?") != std::string::npos;
        out += may_be_link ? mask_url(word) : word;
        out += rest.substr(length, 1);
        rest.remove_prefix(std::min(length + 1, rest.size()));
    }
    return out;
}

}  // namespace fadeout
