#include "cleanup/temporary.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <chrono>

#include "base/error.h"

namespace fadeout::cleanup {

namespace {

constexpr std::string_view speech_suffix = ".wav";
constexpr std::size_t date_size = 10;

/// One or more segments of a valid key, each followed by '/'.
bool is_folder(std::string_view text) {
    if (!text.ends_with('/')) return false;
    text.remove_suffix(1);
    try {
        storage::Key::parse(text);
        return true;
    } catch (const Error&) {
        return false;
    }
}

bool overlap(std::string_view a, std::string_view b) noexcept {
    return a.starts_with(b) || b.starts_with(a);
}

}  // namespace

TemporaryPrefixes::TemporaryPrefixes(std::vector<std::string> prefixes) : prefixes_(std::move(prefixes)) {
    for (const std::string& prefix : prefixes_) {
        if (!is_folder(prefix)) {
            throw Error(
                ErrorKind::invalid,
                fmt::format("The temporary prefix '{}' must be a folder such as 'processed-audio/', ending "
                            "in '/'.",
                            prefix));
        }
        for (const std::string_view kept : final_prefixes) {
            if (!overlap(prefix, kept)) continue;
            throw Error(ErrorKind::invalid,
                        fmt::format("'{}' cannot be a temporary prefix: what lies under '{}' is "
                                    "never deleted.",
                                    prefix, kept));
        }
    }
    if (!covers(speech_prefix)) {
        throw Error(
            ErrorKind::invalid,
            fmt::format("The temporary prefixes must include '{}', where speech expires.", speech_prefix));
    }
}

std::optional<TemporaryKey> TemporaryPrefixes::admit(const storage::Key& key) const {
    if (!covers(key.str())) return std::nullopt;
    return TemporaryKey(key);
}

TemporaryPath TemporaryPrefixes::parse_path(std::string_view text) const {
    if (is_folder(text) && covers(text)) return TemporaryPath(std::string(text));
    throw Error(
        ErrorKind::invalid,
        fmt::format(
            "The path must be a temporary prefix or a folder inside one, ending in '/'. The temporary "
            "prefixes are: {}.",
            fmt::join(prefixes_, ", ")));
}

bool TemporaryPrefixes::covers(std::string_view text) const noexcept {
    return std::ranges::any_of(prefixes_,
                               [&](const std::string& prefix) { return text.starts_with(prefix); });
}

bool is_date(std::string_view text) noexcept {
    if (text.size() != date_size || text[4] != '-' || text[7] != '-') return false;
    const auto number = [&](std::size_t at, std::size_t length) {
        int value = -1;
        const char* end = text.data() + at + length;
        const auto [stop, error] = std::from_chars(text.data() + at, end, value);
        return error == std::errc() && stop == end ? value : -1;
    };
    const int year = number(0, 4), month = number(5, 2), day = number(8, 2);
    if (year < 0 || month < 0 || day < 0) return false;
    return std::chrono::year_month_day(std::chrono::year(year),
                                       std::chrono::month(static_cast<unsigned>(month)),
                                       std::chrono::day(static_cast<unsigned>(day)))
        .ok();
}

std::string_view day_folder_of(std::string_view key) noexcept {
    if (!key.starts_with(speech_prefix)) return {};
    key.remove_prefix(speech_prefix.size());
    const std::string_view date = key.substr(0, std::min(key.find('/'), key.size()));
    return date.size() < key.size() && is_date(date) ? date : std::string_view();
}

std::optional<records::RecordId> speech_id_of(std::string_view key) {
    const std::string_view date = day_folder_of(key);
    if (date.empty()) return std::nullopt;
    std::string_view name = key.substr(speech_prefix.size() + date_size + 1);
    if (!name.ends_with(speech_suffix) || name.size() == speech_suffix.size() ||
        name.find('/') != std::string_view::npos)
        return std::nullopt;
    name.remove_suffix(speech_suffix.size());
    return records::RecordId{std::string(date), std::string(name)};
}

std::string speech_key_of(const records::RecordId& id) {
    return fmt::format("{}{}/{}{}", speech_prefix, id.date, id.audio_id, speech_suffix);
}

}  // namespace fadeout::cleanup
