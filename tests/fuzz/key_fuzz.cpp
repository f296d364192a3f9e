// Any text as a key, as a link's path and as a public URL: no crash, a key that was taken keeps its promises
// and survives the way into a link and back, and a file name never splits a header.
#include <cstdlib>

#include "base/error.h"
#include "base/text.h"
#include "storage/link.h"

using namespace fadeout;
using namespace fadeout::storage;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

void check_key(std::string_view text) {
    if (key_fault(text)) return;
    const Key key = Key::parse(text);
    require(key.str() == text && is_utf8(text) && !text.empty() && text.size() <= max_key_bytes);
    for (const std::string_view segment : split(text, '/'))
        require(!segment.empty() && segment.front() != '.' && !segment.ends_with(metadata_suffix));
    const std::string joined = key.folder().empty()
                                   ? std::string(key.name())
                                   : std::string(key.folder()) + "/" + std::string(key.name());
    require(joined == text);

    static const PublicUrl base = PublicUrl::parse("https://h/objects/b");
    const auto object = parse_object_path(base, link_request(base, "b", LinkMethod::get, key, {}).path);
    require(object && object->bucket == "b" && object->key == text);
}

void check_header(std::string_view filename) {
    for (const char c : content_disposition(filename)) require(c >= 0x20 && c < 0x7f);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check_key(text);
    check_header(text);
    if (const auto url = PublicUrl::try_parse(text)) {
        const auto again = PublicUrl::try_parse(url->origin + url->path);
        require(again && again->origin == url->origin && again->host == url->host &&
                again->path == url->path);
        parse_object_path(*url, text);
    }
    parse_object_path(PublicUrl{}, text);
    return 0;
}
