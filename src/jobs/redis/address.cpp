#include "jobs/redis/address.h"

#include <charconv>
#include <optional>

#include "base/error.h"
#include "base/text.h"

namespace fadeout::jobs::redis {

namespace {

[[noreturn]] void wrong(const std::string& what) {
    throw Error(ErrorKind::invalid,
                "The Redis URL " + what + "; write redis://[user:password@]host:port/database.");
}

int parse_number(std::string_view text, int least, int most, const std::string& what) {
    int value = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, failure] = std::from_chars(text.data(), end, value);
    if (failure != std::errc() || rest != end || value < least || value > most) wrong(what);
    return value;
}

std::string decode(std::string_view text) {
    std::optional<std::string> decoded = percent_decode(text);
    if (!decoded) wrong("has a '%' without two hex digits in user or password (write a plain one as %25)");
    return std::move(*decoded);
}

void parse_login(std::string_view login, Address& address) {
    const std::size_t colon = login.find(':');
    if (colon == std::string_view::npos) wrong("names a user but no password");
    address.user = decode(login.substr(0, colon));
    address.password = decode(login.substr(colon + 1));
    if (address.password.empty()) wrong("has an empty password");
}

void parse_host(std::string_view text, Address& address) {
    std::size_t host_end = text.find(':');
    if (text.starts_with('[')) {
        const std::size_t bracket = text.find(']');
        if (bracket == std::string_view::npos) wrong("opens a bracket that it does not close");
        address.host = text.substr(1, bracket - 1);
        host_end = bracket + 1;
        if (host_end < text.size() && text[host_end] != ':') wrong("has something between ']' and the port");
    } else {
        address.host = text.substr(0, host_end);
    }
    if (address.host.empty()) wrong("names no host");
    if (address.host.find('?') != std::string::npos)
        wrong("has parameters after a '?', of which none is known");
    if (host_end >= text.size()) return;
    address.port =
        static_cast<std::uint16_t>(parse_number(text.substr(host_end + 1), 1, 65'535, "has no valid port"));
}

}  // namespace

Address parse_url(std::string_view url) {
    constexpr std::string_view scheme = "redis://";
    if (url.starts_with("rediss://"))
        wrong("asks for TLS, which this build does not speak: let a tunnel such as stunnel do it");
    if (!url.starts_with(scheme)) wrong("does not begin with redis://");
    url.remove_prefix(scheme.size());
    Address address;
    if (const std::size_t at = url.rfind('@'); at != std::string_view::npos) {
        parse_login(url.substr(0, at), address);
        url.remove_prefix(at + 1);
    }
    const std::size_t slash = url.find('/');
    parse_host(url.substr(0, slash), address);
    if (slash != std::string_view::npos && slash + 1 < url.size())
        address.database =
            parse_number(url.substr(slash + 1), 0, 1'000'000, "has no valid database number after the '/'");
    return address;
}

std::string describe(const Address& address) {
    const bool is_ipv6 = address.host.find(':') != std::string::npos;
    const std::string host = is_ipv6 ? "[" + address.host + "]" : address.host;
    return host + ":" + std::to_string(address.port) + "/" + std::to_string(address.database);
}

}  // namespace fadeout::jobs::redis
