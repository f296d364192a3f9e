#include "config/settings.h"

#include <fmt/format.h>

#include <charconv>

#include "base/error.h"
#include "base/text.h"

namespace fadeout::config {

namespace {

std::string show_address(const ListenAddress& address) {
    const bool is_ipv6 = address.host.find(':') != std::string::npos;
    return fmt::format(fmt::runtime(is_ipv6 ? "[{}]:{}" : "{}:{}"), address.host, address.port);
}

bool names_every_address(const std::string& host) {
    return host.empty() || host == "0.0.0.0" || host == "::";
}

}  // namespace

ListenAddress parse_listen(std::string_view text) {
    const Error bad(ErrorKind::invalid,
                    fmt::format("\"{}\" is no address to listen on. Write HOST:PORT, such as "
                                "127.0.0.1:8080 or [::1]:8080.",
                                text));
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) throw bad;
    std::string_view host = text.substr(0, colon);
    const std::string_view port = text.substr(colon + 1);
    if (host.starts_with('[') != host.ends_with(']')) throw bad;
    if (host.starts_with('[')) {
        host = host.substr(1, host.size() - 2);
        if (host.find(':') == std::string_view::npos) throw bad;
    } else if (host.find_first_of(":/@ ") != std::string_view::npos) {
        throw bad;
    }
    ListenAddress address{std::string(host), 0};
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
    if (port.empty() || error != std::errc() || end != port.data() + port.size()) throw bad;
    return address;
}

bool is_loopback(const ListenAddress& address) {
    return address.host.starts_with("127.") || address.host == "::1" || to_lower(address.host) == "localhost";
}

std::string public_url(const Settings& settings) {
    std::string url = settings.public_url;
    if (url.empty()) {
        ListenAddress address = parse_listen(settings.http.listen);
        if (names_every_address(address.host)) address.host = "localhost";
        url = "http://" + show_address(address);
    }
    while (url.ends_with('/')) url.pop_back();
    return url;
}

std::string signing_key_file(const Settings& settings) {
    const std::string& own = settings.store.signing_key_file;
    return own.empty() ? settings.data + "/signing.key" : own;
}

void check(const Settings& settings) {
    if (settings.speech.max_job_characters < settings.speech.max_characters)
        throw Error(
            ErrorKind::invalid,
            fmt::format("speech.max_job_characters ({}) is less than speech.max_characters ({}). A job must "
                        "be allowed at least what a direct request is.",
                        settings.speech.max_job_characters, settings.speech.max_characters));
    if (settings.source.total_timeout < settings.source.stall_timeout)
        throw Error(ErrorKind::invalid,
                    fmt::format("source.total_timeout ({}) is less than source.stall_timeout ({}).",
                                format_duration(settings.source.total_timeout),
                                format_duration(settings.source.stall_timeout)));
}

void check_server(const Settings& settings) {
    if (is_loopback(parse_listen(settings.http.listen))) return;
    if (!settings.http.api_key_file.empty() || settings.http.listen_without_keys) return;
    throw Error(
        ErrorKind::invalid,
        fmt::format("Listening on {} would let everybody who can reach this machine use fadeout. Name a file "
                    "of API keys with --api-key-file, or allow it with --listen-without-keys.",
                    settings.http.listen));
}

}  // namespace fadeout::config
