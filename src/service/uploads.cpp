#include "service/uploads.h"

#include <algorithm>
#include <cstdint>

#include "base/ids.h"
#include "base/text.h"
#include "service/fields.h"
#include "service/media_type.h"

namespace fadeout::service {

namespace {

/// Leaves room for the store's own suffixes within the 255 bytes of a file name.
constexpr std::size_t max_filename_bytes = 200;
constexpr std::size_t max_extension_bytes = 16;

bool is_ascii_plain(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

/// C1 controls, and the characters that nobody sees: zero-width, direction marks and overrides, line
/// separators, byte order mark. "song\u202Egpj.mp3" would show as "song3pm.jpg".
bool is_invisible(std::string_view code_point) {
    std::uint32_t value = static_cast<unsigned char>(code_point[0]);
    value &= code_point.size() == 2 ? 0x1fu : code_point.size() == 3 ? 0x0fu : 0x07u;
    for (const char c : code_point.substr(1)) value = value << 6 | (static_cast<unsigned char>(c) & 0x3fu);
    return value < 0xa0 || (value >= 0x200b && value <= 0x200f) || (value >= 0x2028 && value <= 0x202e) ||
           (value >= 0x2060 && value <= 0x206f) || value == 0xfeff;
}

/// Letters of any script stay; every other ASCII character becomes '_', invisible ones go.
std::string plain_characters(std::string_view utf8) {
    std::string out;
    while (!utf8.empty()) {
        const std::string_view code_point = first_characters(utf8, 1);
        utf8.remove_prefix(code_point.size());
        if (code_point.size() == 1)
            out += is_ascii_plain(code_point[0]) ? code_point[0] : '_';
        else if (!is_invisible(code_point))
            out += code_point;
    }
    return out;
}

/// At most max_filename_bytes, cut between code points, with the extension kept.
std::string shorten(const std::string& name) {
    if (name.size() <= max_filename_bytes) return name;
    const std::size_t dot = name.rfind('.');
    const bool has_extension = dot != std::string::npos && name.size() - dot <= max_extension_bytes;
    const std::string extension = has_extension ? name.substr(dot) : "";
    std::size_t length = max_filename_bytes - extension.size();
    while ((static_cast<unsigned char>(name[length]) & 0xc0) == 0x80) --length;
    return name.substr(0, length) + extension;
}

/// The file name as the last part of a key: never empty, hidden or longer than max_filename_bytes.
std::string safe_filename(std::string_view filename) {
    if (!is_utf8(filename)) throw Error(ErrorKind::invalid, "filename must be valid UTF-8.");
    filename.remove_prefix(filename.find_last_of("/\\") + 1);  // npos + 1 == 0
    std::string name = plain_characters(filename);
    name.erase(0, std::min(name.find_first_not_of('.'), name.size()));
    if (name.find_first_not_of("._-") == std::string::npos)
        throw Error(ErrorKind::invalid, "filename must name a file, for example \"song.wav\".");
    if (name.ends_with(storage::metadata_suffix))
        throw Error(ErrorKind::invalid, "filename must not end in \".fadeout-meta\".");
    return shorten(name);
}

std::string content_type_for(const boost::json::object& body, std::string_view filename) {
    const auto given = string_member(body, "content_type");
    std::string type = given && !given->empty() ? *given : storage::content_type_of(filename);
    if (!is_media_type(type))
        throw Error(ErrorKind::invalid,
                    "content_type must be audio/..., video/mp4, video/ogg, video/quicktime, video/webm, "
                    "application/ogg or application/octet-stream.");
    return type;
}

}  // namespace

boost::json::object create_upload(storage::ObjectStore& objects, const Clock& clock, Duration link_expiry,
                                  const boost::json::object& body) {
    const auto given = string_member(body, "filename");
    if (!given || given->empty()) throw Error(ErrorKind::invalid, "filename is missing.");
    const std::string filename = safe_filename(*given);
    const std::string content_type = content_type_for(body, filename);
    const auto pitch_id = id_member(body, "pitch_id");

    // The UUID keeps a second upload of "song.wav" from replacing the first: originals are never overwritten.
    const std::string folder = pitch_id ? "pitches/" + *pitch_id : "uploads";
    const auto key = storage::Key::parse(folder + "/" + make_uuid() + "/" + filename);
    const std::string url = objects.presign(storage::LinkMethod::put, key, link_expiry,
                                            {.content_type = content_type, .download_filename = ""});
    return {{"key", key.str()},
            {"method", "PUT"},
            {"url", url},
            {"headers", boost::json::object{{"Content-Type", content_type}}},
            {"expires_at", utc_timestamp(clock.now() + link_expiry)}};
}

}  // namespace fadeout::service
