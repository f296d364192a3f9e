#include "http/api_keys.h"

#include "aws/sigv4.h"
#include "base/text.h"

namespace fadeout::http {

ApiKeys::ApiKeys(const std::vector<std::string>& keys) {
    for (const std::string& key : keys) hashes_.push_back(aws::sha256_hex(key));
}

bool ApiKeys::is_known(std::string_view key) const {
    const std::string hash = aws::sha256_hex(key);
    bool known = false;
    for (const std::string& candidate : hashes_) known = equal_constant_time(candidate, hash) || known;
    return known;
}

bool ApiKeys::allow(const Request& request) const {
    if (hashes_.empty()) return true;
    constexpr std::string_view scheme = "bearer ";
    const std::string_view authorization = request.header("Authorization");
    if (to_lower(authorization.substr(0, scheme.size())) == scheme)
        return is_known(trim(authorization.substr(scheme.size())));
    return is_known(request.header("X-Api-Key"));
}

}  // namespace fadeout::http
