#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "speech/espeak/library.h"
#include "speech/synthesizer.h"

namespace fadeout::speech {

struct VoiceList {
    std::vector<Voice> voices;                 ///< sorted by language, then display name; ids unique
    std::map<std::string, std::string> paths;  ///< voice file by lower-case id or further language code
};

VoiceList make_voice_list(const std::vector<Library::VoiceFile>& files);

/// The engine's code in BCP 47 form (RFC 5646, section 2.1.1 for the case): "en-us" -> "en-US". What the
/// grammar does not allow where it stands is put behind an "x": "en-us-nyc" -> "en-US-x-nyc".
std::string bcp47(std::string_view code);

/// For an unknown voice: up to five ids, those that look alike first, then those of the same language.
std::vector<std::string> similar_voices(std::string_view asked, const std::vector<Voice>& voices);

}  // namespace fadeout::speech
