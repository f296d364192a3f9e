#include "service/kept_warnings.h"

#include <span>

#include "base/text.h"

namespace fadeout::service {

namespace {

constexpr std::size_t max_warnings_bytes = 4 << 10;

}  // namespace

storage::Key warnings_key(const std::string& pitch_id, const std::string& digest) {
    return storage::Key::parse("renders/" + pitch_id + '/' + digest + ".warnings");
}

void keep_warnings(storage::ObjectStore& objects, const storage::Key& key,
                   const std::vector<std::string>& warnings) {
    std::string text;
    for (const std::string& warning : warnings) {
        if (text.size() + warning.size() >= max_warnings_bytes) break;
        text += warning + '\n';
    }
    if (text.empty()) return;
    const auto writer = objects.create(key, {.content_type = "text/plain", .metadata = {}});
    writer->write(as_bytes(text));
    writer->commit();
}

std::vector<std::string> kept_warnings(storage::ObjectStore& objects, const storage::Key& key) {
    const auto reader = objects.open(key);
    if (!reader) return {};
    std::string text(max_warnings_bytes, '\0');
    text.resize(read_fully(*reader, 0, std::as_writable_bytes(std::span(text))));
    std::vector<std::string> warnings;
    for (const std::string_view line : split(text, '\n'))
        if (!line.empty()) warnings.emplace_back(line);
    return warnings;
}

}  // namespace fadeout::service
