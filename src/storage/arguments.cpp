#include "storage/arguments.h"

#include <algorithm>
#include <set>

#include "base/text.h"

namespace fadeout::storage {

namespace {

std::string comparable(std::string_view name) {
    std::string out = to_lower(name);
    std::replace(out.begin(), out.end(), '-', '_');
    return out;
}

bool is_metadata_name(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
}

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

[[noreturn]] void refuse(const std::string& message) {
    throw Error(ErrorKind::invalid, message);
}

}  // namespace

void check_attributes(const ObjectAttributes& attributes) {
    const std::string& type = attributes.content_type;
    if (type.size() > 255 ||
        !std::all_of(type.begin(), type.end(), [](char c) { return c >= 0x20 && c < 0x7f; }))
        refuse("The content type must be plain ASCII of at most 255 characters.");
    std::size_t bytes = 0;
    std::set<std::string> names;
    for (const auto& [name, value] : attributes.metadata) {
        bytes += name.size() + value.size();
        if (!is_metadata_name(name)) refuse("A metadata name may only hold a-z, 0-9, '_' and '-'.");
        if (!names.insert(comparable(name)).second) refuse("Two metadata names differ only by '_' and '-'.");
        if (!is_utf8(value) || std::any_of(value.begin(), value.end(), is_control))
            refuse("The metadata value of '" + name + "' must be UTF-8 without control characters.");
    }
    if (bytes > max_metadata_bytes) refuse("The metadata of an object may be 2,048 bytes at most.");
}

void check_list_limit(std::size_t limit) {
    if (limit < 1 || limit > max_list_objects) refuse("A page lists 1 to 1,000 objects.");
}

void check_remove_count(std::size_t keys) {
    if (keys > max_remove_keys) refuse("At most 1,000 objects are removed at once.");
}

void check_patch(std::uint64_t offset, std::size_t size, std::uint64_t written) {
    const std::uint64_t limit = std::min(first_part_bytes, written);
    if (offset > limit || size > limit - offset)
        throw Error(ErrorKind::internal, "Could not write the object.", "a patch outside the first part");
}

void check_bucket_name(std::string_view name) {
    const bool characters = std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
               c == '_' || c == '-';
    });
    if (!characters || name.empty() || name.size() > 63 || name.front() == '.')
        refuse("A bucket name is 1 to 63 of a-z, A-Z, 0-9, '.', '_' and '-', not beginning with a dot.");
}

Error already_there(const Key& key) {
    return {ErrorKind::conflict, "Could not write the object: there is one of that key already.", key.str()};
}

std::optional<std::string> find_metadata(const ObjectAttributes& attributes, std::string_view name) {
    const std::string wanted = comparable(name);
    for (const auto& [known, value] : attributes.metadata)
        if (comparable(known) == wanted) return value;
    return std::nullopt;
}

}  // namespace fadeout::storage
