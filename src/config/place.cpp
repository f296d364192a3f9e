#include "config/place.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/text.h"

namespace fadeout::config {

namespace {

constexpr std::size_t max_scheme_bytes = 20;

/// "s3" of "s3://bucket"; empty where the text does not begin with a scheme.
std::string_view scheme_of(std::string_view url) {
    const std::string_view scheme = url.substr(0, url.find(':'));
    const bool is_one = scheme.size() < url.size() && scheme.size() <= max_scheme_bytes &&
                        std::ranges::all_of(scheme, [](char c) {
                            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
                        });
    return is_one ? scheme : std::string_view();
}

std::string slip(std::string_view url, std::span<const std::string_view> known) {
    const std::string scheme(scheme_of(url));
    if (scheme.empty())
        return "does not begin with a scheme such as " + std::string(scheme_of(known.front())) + "://";
    std::vector<std::string> schemes;
    for (const std::string_view form : known) schemes.emplace_back(scheme_of(form));
    const auto form_of = [&](const std::string& name) {
        return known[static_cast<std::size_t>(std::ranges::find(schemes, name) - schemes.begin())];
    };
    if (std::ranges::find(schemes, scheme) != schemes.end())
        return fmt::format("begins with {}: but is not written as {}", scheme, form_of(scheme));
    if (std::ranges::find(schemes, to_lower(scheme)) != schemes.end())
        return fmt::format("begins with {}: where small letters are needed, {}:", scheme, to_lower(scheme));
    if (const auto meant = nearest(scheme, schemes))
        return fmt::format("begins with {}:, which is not known; did you mean {}:?", scheme, *meant);
    return fmt::format("begins with {}:, which is not known", scheme);
}

}  // namespace

Error unknown_place(std::string_view what, std::string_view url, std::span<const std::string_view> known) {
    const std::string wrong = slip(url, known);
    return {ErrorKind::invalid, fmt::format("{} {}{} Known are {}.", what, wrong,
                                            wrong.ends_with('?') ? "" : ".", fmt::join(known, ", "))};
}

}  // namespace fadeout::config
