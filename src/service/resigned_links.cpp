#include "service/resigned_links.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "base/base64.h"
#include "base/text.h"

namespace fadeout::service {

namespace {

constexpr std::string_view folder = "/l/";
/// First line of what is signed, so that no other use of the key can be taken for a token.
constexpr std::string_view purpose = "fadeout-link-1";
constexpr Duration shortest = std::chrono::seconds(1);
constexpr Duration longest = std::chrono::days(7);

[[noreturn]] void refuse(const std::string& reason) {
    throw Error(ErrorKind::denied, reason + " Ask for a new one.");
}

}  // namespace

ResignedLinks::ResignedLinks(const std::string& public_url, const aws::Credentials& signing_key,
                             const Clock& clock)
    : public_url_(storage::PublicUrl::parse(public_url)),
      secret_(signing_key.secret_access_key),
      clock_(clock) {}

std::string ResignedLinks::mac(std::string_view payload) const {
    return aws::hmac_sha256(secret_, fmt::format("{}\n{}", purpose, payload));
}

std::string ResignedLinks::make(const storage::Key& key, Duration expires,
                                const storage::LinkOptions& options) const {
    if (expires < shortest || expires > longest)
        throw Error(ErrorKind::invalid, "A link expires after 1 second to 7 days, in whole seconds.");
    // Neither a number nor a key has a line break; what follows the second one is the file name.
    const std::string payload =
        fmt::format("{}\n{}\n{}", unix_seconds(clock_.now() + expires), key.str(), options.download_filename);
    return public_url_.origin + public_url_.path + std::string(folder) +
           base64url_encode(mac(payload) + payload);
}

ResignedLinks::Grant ResignedLinks::read(std::string_view token) const {
    constexpr std::size_t mac_bytes = 32;
    const std::string changed = "This link was changed, or is of another server.";
    const auto bytes = base64url_decode(token);
    if (!bytes || bytes->size() < mac_bytes) refuse(changed);
    const std::string_view payload = std::string_view(*bytes).substr(mac_bytes);
    if (!equal_constant_time(std::string_view(*bytes).substr(0, mac_bytes), mac(payload))) refuse(changed);
    const std::size_t first = payload.find('\n');
    const std::size_t second = payload.find('\n', first + 1);
    long long end = 0;
    std::from_chars(payload.data(), payload.data() + first, end);
    Grant grant{storage::Key::parse(payload.substr(first + 1, second - first - 1)), from_unix_seconds(end),
                std::string(payload.substr(second + 1))};
    if (clock_.now() + shortest > grant.expires) refuse("This link has expired.");
    return grant;
}

std::string ResignedLinks::follow(storage::ObjectStore& store, storage::LinkMethod method,
                                  std::string_view token) const {
    const Grant grant = read(token);
    const auto rest = std::chrono::floor<std::chrono::seconds>(grant.expires - clock_.now());
    return store.presign(
        method, grant.key, rest,
        {.content_type = "", .download_filename = grant.download_filename, .may_end_early = true});
}

std::optional<storage::Key> ResignedLinks::key_of(const storage::PublicUrl& url) const {
    const std::string start = public_url_.path + std::string(folder);
    if (url.origin != public_url_.origin || !url.path.starts_with(start)) return std::nullopt;
    return read(std::string_view(url.path).substr(start.size())).key;
}

void check_links(storage::ObjectStore& store, const LinkExpiries& expiries) {
    using storage::LinkMethod;
    struct Promise {
        std::string_view setting;
        LinkMethod method;
        Duration expires;
    };
    const std::array<Promise, 3> promises{{{"speech.link_expiry", LinkMethod::get, expiries.speech},
                                           {"transcode.link_expiry", LinkMethod::get, expiries.transcode},
                                           {"upload.link_expiry", LinkMethod::put, expiries.upload}}};
    const auto key = storage::Key::parse("temp-audio/fadeout-check.wav");
    // Where there are no credentials at all this says so.
    store.presign(LinkMethod::get, key, shortest,
                  {.content_type = "", .download_filename = "", .may_end_early = true});
    for (const auto& [setting, method, expires] : promises) {
        try {
            store.presign(method, key, expires, {});
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::misconfigured) throw;
            const std::string_view otherwise =
                method == LinkMethod::get ? ", or set store.short_credentials to redirect" : "";
            throw Error(ErrorKind::misconfigured,
                        fmt::format("{} To mend it, shorten {} ({}){}.", error.what(), setting,
                                    format_duration(expires), otherwise),
                        error.detail());
        }
    }
}

}  // namespace fadeout::service
