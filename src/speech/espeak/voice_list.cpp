#include "speech/espeak/voice_list.h"

#include <algorithm>
#include <cctype>
#include <tuple>

#include "base/text.h"

namespace fadeout::speech {
namespace {

std::string file_name(const std::string& path) {
    return to_lower(path.substr(path.rfind('/') + 1));
}

bool all_alphabetic(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalpha(c) != 0; });
}

std::string upper(std::string text) {
    for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}

bool is_region(std::string_view part) {
    return (part.size() == 2 && all_alphabetic(part)) ||
           (part.size() == 3 && part.find_first_not_of("0123456789") == std::string_view::npos);
}

bool is_variant(std::string_view part) {
    return part.size() >= 5 || (part.size() == 4 && part[0] >= '0' && part[0] <= '9');
}

}  // namespace

std::string bcp47(std::string_view code) {
    const auto parts = split(code, '-');
    std::string tag = to_lower(parts[0]);
    bool private_use = false;
    for (std::size_t i = 1; i < parts.size(); ++i) {
        std::string part = to_lower(parts[i]);
        if (private_use || part == "x") {
            private_use = true;
        } else if (part.size() == 4 && all_alphabetic(part)) {
            part[0] = upper(part)[0];
        } else if (is_region(part)) {
            part = upper(part);
        } else if (!is_variant(part)) {
            private_use = true;
            tag += "-x";
        }
        tag += '-' + part;
    }
    return tag;
}

VoiceList make_voice_list(const std::vector<Library::VoiceFile>& files) {
    VoiceList list;
    for (const Library::VoiceFile& file : files) {
        std::string id = to_lower(file.codes.front().code);
        // Two files may speak one language ("yue", in characters and in Latin letters): the later one goes by
        // its name.
        if (list.paths.contains(id)) id = file_name(file.path);
        if (!list.paths.emplace(id, file.path).second) continue;
        list.voices.push_back({.id = id,
                               .display_name = std::string(trim(file.name)),
                               .language = bcp47(file.codes.front().code),
                               .gender = file.gender,
                               .engine = "espeak"});
    }
    // Further codes, the best priority first; the order of the files decides among equals, as in the engine.
    std::vector<std::tuple<int, std::size_t, std::string>> others;
    for (std::size_t i = 0; i < files.size(); ++i) {
        for (const auto& [code, priority] : files[i].codes) others.emplace_back(priority, i, to_lower(code));
        others.emplace_back(INT8_MAX, i, file_name(files[i].path));
    }
    std::sort(others.begin(), others.end());
    for (const auto& [priority, file, code] : others) list.paths.emplace(code, files[file].path);
    std::stable_sort(list.voices.begin(), list.voices.end(), [](const Voice& a, const Voice& b) {
        return std::tie(a.language, a.display_name) < std::tie(b.language, b.display_name);
    });
    return list;
}

std::vector<std::string> similar_voices(std::string_view asked, const std::vector<Voice>& voices) {
    constexpr std::size_t kCount = 5;
    std::vector<std::string> ids, similar;
    for (const Voice& voice : voices) ids.push_back(voice.id);
    const auto add = [&](const std::string& id) {
        if (similar.size() < kCount && std::find(similar.begin(), similar.end(), id) == similar.end())
            similar.push_back(id);
    };
    if (const auto best = nearest(asked, ids)) add(*best);
    const std::string language = to_lower(asked.substr(0, asked.find_first_of("-_")));
    for (const std::string& id : ids)
        if (split(id, '-')[0] == language) add(id);
    for (const std::string& id : ids) add(id);
    return similar;
}

}  // namespace fadeout::speech
