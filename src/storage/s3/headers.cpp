#include "storage/s3/headers.h"

#include <algorithm>
#include <charconv>

#include "base/base64.h"
#include "base/http_date.h"
#include "base/text.h"
#include "net/content_range.h"
#include "storage/arguments.h"
#include "storage/s3/xml.h"

namespace fadeout::storage::s3 {

namespace {

constexpr std::string_view metadata_prefix = "x-amz-meta-";
constexpr std::string_view token_name = "fadeout-upload";
constexpr std::string_view word_start = "=?UTF-8?B?";
/// An encoded word is 75 characters at most (RFC 2047, 2), so it holds so many bytes.
constexpr std::size_t word_bytes = 45;

bool is_plain(std::string_view value) {
    const bool ascii = std::all_of(value.begin(), value.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
    return ascii && !value.empty() && trim(value).size() == value.size() &&
           value.find("  ") == std::string_view::npos && value.find("=?") == std::string_view::npos;
}

/// The "Q" encoding: "_" is a space, "=C3" a byte.
std::optional<std::string> decode_quoted(std::string text) {
    if (text.find('%') != std::string::npos) return std::nullopt;
    std::replace(text.begin(), text.end(), '_', ' ');
    std::replace(text.begin(), text.end(), '=', '%');
    return percent_decode(text);
}

/// "=?UTF-8?B?w7w=?=" -> "ü"; nothing where it is no encoded word in UTF-8.
std::optional<std::string> decode_word(std::string_view word) {
    if (!word.starts_with("=?") || !word.ends_with("?=") || word.size() < 6) return std::nullopt;
    const auto fields = split(word.substr(2, word.size() - 4), '?');
    if (fields.size() != 3 || to_lower(fields[0]) != "utf-8") return std::nullopt;
    if (to_lower(fields[1]) == "b") return base64_decode(fields[2]);
    if (to_lower(fields[1]) == "q") return decode_quoted(std::string(fields[2]));
    return std::nullopt;
}

std::uint64_t parse_number(std::string_view text) {
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

}  // namespace

std::string encode_metadata(std::string_view value) {
    if (is_plain(value)) return std::string(value);
    std::string out;
    do {
        std::size_t n = std::min(value.size(), word_bytes);
        while (n < value.size() && (static_cast<unsigned char>(value[n]) & 0xc0) == 0x80) --n;
        if (!out.empty()) out += ' ';
        out += std::string(word_start) + base64_encode(value.substr(0, n)) + "?=";
        value.remove_prefix(n);
    } while (!value.empty());
    return out;
}

std::string decode_metadata(std::string_view text) {
    std::string out;
    bool after_word = true;  // the space between two encoded words is none of the value
    for (const std::string_view piece : split(text, ' ')) {
        const auto word = decode_word(piece);
        if (!(word && after_word) && piece.data() != text.data()) out += ' ';
        out += word ? *word : std::string(piece);
        after_word = word.has_value();
    }
    return out;
}

aws::NameValues attribute_headers(const Key& key, const ObjectAttributes& attributes,
                                  std::string_view token) {
    aws::NameValues out;
    const std::string& type = attributes.content_type;
    out.emplace_back("content-type", type.empty() ? content_type_of(key.name()) : type);
    for (const auto& [name, value] : attributes.metadata)
        out.emplace_back(std::string(metadata_prefix) + name, encode_metadata(value));
    if (!token.empty()) out.emplace_back(std::string(metadata_prefix) + std::string(token_name), token);
    return out;
}

ObjectHead parse_head(const Key& key, const net::HttpResponse& response) {
    const auto range = net::parse_content_range(response.header("content-range"));
    const std::uint64_t size =
        range && range->total ? *range->total : parse_number(response.header("content-length"));
    const auto modified = parse_http_date(response.header("last-modified"));
    if (!modified || response.header("etag").empty())
        throw Error(ErrorKind::unavailable, "The object store gave an answer that cannot be read. Try again.",
                    "no ETag or Last-Modified");
    ObjectHead out{{key, size, *modified, plain_etag(response.header("etag"))}, {}};
    out.attributes.content_type = response.header("content-type");
    for (const auto& [name, value] : response.headers) {
        if (!name.starts_with(metadata_prefix)) continue;
        const std::string own = name.substr(metadata_prefix.size());
        if (own != token_name) out.attributes.metadata.emplace(own, decode_metadata(value));
    }
    return out;
}

std::string upload_token(const net::HttpResponse& response) {
    return std::string(response.header(std::string(metadata_prefix) + std::string(token_name)));
}

}  // namespace fadeout::storage::s3
