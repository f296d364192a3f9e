#include "storage/key.h"

#include "base/error.h"
#include "base/text.h"

namespace fadeout::storage {

namespace {

/// C0, DEL, and C1 (U+0080 to U+009F, which UTF-8 spells C2 80 to C2 9F).
bool has_control_character(std::string_view utf8) noexcept {
    for (std::size_t i = 0; i < utf8.size(); ++i) {
        const auto byte = static_cast<unsigned char>(utf8[i]);
        if (byte < 0x20 || byte == 0x7f) return true;
        if (byte == 0xc2 && static_cast<unsigned char>(utf8[i + 1]) < 0xa0) return true;
    }
    return false;
}

std::optional<std::string_view> segment_fault(std::string_view segment) noexcept {
    if (segment.empty()) return "it begins or ends with '/', or has two of them in a row.";
    if (segment == "." || segment == "..") return "'.' and '..' are not allowed in it.";
    if (segment.front() == '.') return "no part of it may begin with a dot.";
    if (segment.ends_with(metadata_suffix)) return "names ending in '.fadeout-meta' are reserved.";
    return std::nullopt;
}

}  // namespace

std::optional<std::string_view> key_fault(std::string_view text) noexcept {
    if (text.empty()) return "it is empty.";
    if (text.size() > max_key_bytes) return "it is longer than 1,024 bytes.";
    if (!is_utf8(text)) return "it is not valid UTF-8.";
    if (has_control_character(text)) return "it contains a control character.";
    if (text.find('\\') != std::string_view::npos) return "it contains a backslash.";
    while (true) {
        const std::size_t slash = text.find('/');
        if (const auto fault = segment_fault(text.substr(0, slash))) return fault;
        if (slash == std::string_view::npos) return std::nullopt;
        text.remove_prefix(slash + 1);
    }
}

Key Key::parse(std::string_view text) {
    if (const auto fault = key_fault(text))
        throw Error(ErrorKind::invalid, "This is not a valid object key: " + std::string(*fault));
    return Key(std::string(text));
}

std::string_view Key::name() const noexcept {
    const std::string_view text = text_;
    return text.substr(text.rfind('/') + 1);  // npos + 1 == 0
}

std::string_view Key::folder() const noexcept {
    const std::size_t slash = text_.rfind('/');
    return slash == std::string::npos ? std::string_view() : std::string_view(text_).substr(0, slash);
}

}  // namespace fadeout::storage
