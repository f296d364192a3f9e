#include "http/message.h"

#include <algorithm>

#include "base/text.h"

namespace fadeout::http {

namespace {

constexpr char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
    return std::ranges::equal(a, b, {}, lower, lower);
}

const std::string* find(const Fields& fields, std::string_view name) noexcept {
    for (const auto& [field_name, value] : fields)
        if (equal_ignoring_case(field_name, name)) return &value;
    return nullptr;
}

}  // namespace

std::string_view field(const Fields& fields, std::string_view name) noexcept {
    const std::string* value = find(fields, name);
    return value != nullptr ? std::string_view(*value) : std::string_view();
}

bool has_field(const Fields& fields, std::string_view name) noexcept {
    return find(fields, name) != nullptr;
}

std::string_view Request::path() const noexcept {
    const std::string_view all = target;
    return all.substr(0, all.find('?'));
}

std::string_view Request::query() const noexcept {
    const std::size_t at = target.find('?');
    return at == std::string::npos ? std::string_view() : std::string_view(target).substr(at + 1);
}

const std::string& Request::param(std::string_view name) const {
    for (const auto& [param_name, value] : params)
        if (param_name == name) return value;
    throw Error(ErrorKind::internal, "Internal error", "route without parameter " + std::string(name));
}

std::optional<std::string> Request::query_value(std::string_view name) const {
    for (const std::string_view pair : split(query(), '&')) {
        const std::size_t equals = pair.find('=');
        if (pair.substr(0, equals) != name) continue;
        const std::string_view raw =
            equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
        auto value = percent_decode(raw);
        if (!value)
            throw Error(ErrorKind::invalid,
                        "The query parameter " + std::string(name) + " is not encoded well");
        return value;
    }
    return std::nullopt;
}

}  // namespace fadeout::http
