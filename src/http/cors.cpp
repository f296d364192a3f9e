#include "http/cors.h"

#include <algorithm>

namespace fadeout::http {

Fields Cors::answer(std::string_view origin, bool any_origin) const {
    Fields fields;
    if (any_origin || std::ranges::find(origins_, "*") != origins_.end()) {
        fields.emplace_back("Access-Control-Allow-Origin", "*");
    } else if (!origins_.empty()) {
        fields.emplace_back("Vary", "Origin");
        if (std::ranges::find(origins_, origin) == origins_.end()) return fields;
        fields.emplace_back("Access-Control-Allow-Origin", origin);
    } else {
        return fields;
    }
    fields.emplace_back("Access-Control-Expose-Headers",
                        "ETag, Content-Range, Location, Retry-After, Server-Timing, X-Request-Id");
    return fields;
}

Fields Cors::preflight(std::string_view origin, bool any_origin, std::string_view methods) const {
    Fields fields = answer(origin, any_origin);
    if (!has_field(fields, "Access-Control-Allow-Origin")) return fields;
    fields.emplace_back("Access-Control-Allow-Methods", methods);
    fields.emplace_back("Access-Control-Allow-Headers",
                        "Authorization, Content-Type, Idempotency-Key, Range, X-Api-Key, X-Request-Id");
    fields.emplace_back("Access-Control-Max-Age", "86400");
    return fields;
}

}  // namespace fadeout::http
