#include "storage/disk/sidecar.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

#include "base/file.h"
#include "base/text.h"
#include "storage/disk/store_error.h"

namespace fadeout::storage::disk {

namespace {

constexpr std::string_view first_line = "fadeout-meta 1";
/// Two versions of 2 KiB of metadata and 255 bytes of content type, with room.
constexpr std::size_t max_sidecar_bytes = 8192;
constexpr std::int64_t ns_per_s = 1'000'000'000;

template <class Number>
bool parse_number(std::string_view text, Number& out) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc() && end == text.data() + text.size();
}

/// Takes the part before the next space off `line`.
std::string_view take_word(std::string_view& line) {
    const std::size_t space = line.find(' ');
    const std::string_view word = line.substr(0, space);
    line.remove_prefix(space == std::string_view::npos ? line.size() : space + 1);
    return word;
}

bool decode_line(std::string_view line, std::vector<SidecarEntry>& entries) {
    const std::string_view what = take_word(line);
    if (what == "version") {
        SidecarEntry& entry = entries.emplace_back();
        const std::string_view size = take_word(line);
        return parse_number(size, entry.version.size_bytes) && parse_number(line, entry.version.modified_ns);
    }
    if (entries.empty()) return false;
    ObjectAttributes& attributes = entries.back().attributes;
    if (what == "content-type") {
        attributes.content_type = line;
        return true;
    }
    if (what != "metadata") return false;
    const std::string_view name = take_word(line);
    attributes.metadata[std::string(name)] = line;
    return !name.empty();
}

}  // namespace

std::string encode_sidecar(const std::vector<SidecarEntry>& entries) {
    std::string out = fmt::format("{}\n", first_line);
    for (const auto& [version, attributes] : entries) {
        out += fmt::format("version {} {}\ncontent-type {}\n", version.size_bytes, version.modified_ns,
                           attributes.content_type);
        for (const auto& [name, value] : attributes.metadata)
            out += fmt::format("metadata {} {}\n", name, value);
    }
    return out;
}

std::vector<SidecarEntry> decode_sidecar(std::string_view text) {
    std::vector<SidecarEntry> entries;
    if (!text.ends_with('\n')) return {};
    text.remove_suffix(1);
    bool first = true;
    for (const std::string_view line : split(text, '\n')) {
        if (first ? line != first_line : !decode_line(line, entries)) return {};
        first = false;
    }
    return entries;
}

std::optional<ObjectAttributes> find_version(const std::vector<SidecarEntry>& entries,
                                             const Version& version) {
    for (const auto& [known, attributes] : entries) {
        const bool cut = version.modified_ns % ns_per_s == 0 &&
                         known.modified_ns - known.modified_ns % ns_per_s == version.modified_ns;
        if (known.size_bytes == version.size_bytes && (known.modified_ns == version.modified_ns || cut))
            return attributes;
    }
    return std::nullopt;
}

std::optional<std::vector<SidecarEntry>> read_sidecar(int folder, const std::string& name) {
    const Descriptor file(::openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file) {
        if (errno == ENOENT || errno == ELOOP || errno == ENAMETOOLONG) return std::nullopt;
        throw store_error(errno, "read the object's attributes", name);
    }
    std::string text(max_sidecar_bytes, '\0');
    const ssize_t n = ::pread(file.get(), text.data(), text.size(), 0);
    if (n < 0 && errno != EISDIR) throw store_error(errno, "read the object's attributes", name);
    text.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
    return decode_sidecar(text);
}

}  // namespace fadeout::storage::disk
