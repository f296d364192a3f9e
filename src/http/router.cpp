#include "http/router.h"

#include <algorithm>
#include <optional>
#include <set>

#include "base/text.h"

namespace fadeout::http {

namespace {

bool is_placeholder(std::string_view segment) {
    return segment.starts_with('{') && segment.ends_with('}');
}

/// The parameters, or nothing where the path does not fit. `literals` counts how specific the fit is.
std::optional<Fields> fit(std::string_view pattern, std::string_view path, std::size_t& literals) {
    if (!path.starts_with(pattern.substr(0, pattern.find('{'))))
        return std::nullopt;  // most patterns end here
    const auto wanted = split(pattern, '/');
    Fields params;
    literals = 0;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const bool last = i + 1 == wanted.size();
        const bool rest = last && wanted[i].ends_with("...}");
        const std::size_t slash = rest ? std::string_view::npos : path.find('/');
        if (!last && slash == std::string_view::npos) return std::nullopt;
        if (last && slash != std::string_view::npos) return std::nullopt;
        const std::string_view segment = path.substr(0, slash);
        if (is_placeholder(wanted[i])) {
            auto value = percent_decode(segment);
            if (segment.empty() || !value) return std::nullopt;
            params.emplace_back(wanted[i].substr(1, wanted[i].size() - (rest ? 5 : 2)), std::move(*value));
        } else if (segment == wanted[i]) {
            ++literals;
        } else {
            return std::nullopt;
        }
        if (slash != std::string_view::npos) path.remove_prefix(slash + 1);
    }
    return params;
}

}  // namespace

std::variant<Match, MethodNotAllowed, NotFound> Router::match(std::string_view method,
                                                              std::string_view path) const {
    std::optional<Match> best;
    std::size_t best_score = 0;
    std::set<std::string> allowed;
    bool any_origin = false;
    for (const Route& route : routes_) {
        std::size_t literals = 0;
        auto params = fit(route.pattern, path, literals);
        if (!params) continue;
        allowed.insert(route.method);
        if (route.method == "GET") allowed.insert("HEAD");
        any_origin = any_origin || route.any_origin;
        const bool exact = route.method == method;
        if (!exact && !(method == "HEAD" && route.method == "GET")) continue;
        const std::size_t score = 2 * literals + (exact ? 2 : 1);
        if (best && score <= best_score) continue;
        best = Match{&route, std::move(*params)};
        best_score = score;
    }
    if (best) return std::move(*best);
    if (allowed.empty()) return NotFound{};
    allowed.insert("OPTIONS");
    MethodNotAllowed refusal{.allow = {}, .any_origin = any_origin};
    for (const std::string& name : allowed) refusal.allow += (refusal.allow.empty() ? "" : ", ") + name;
    return refusal;
}

}  // namespace fadeout::http
