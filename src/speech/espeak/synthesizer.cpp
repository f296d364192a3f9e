#include "speech/espeak/synthesizer.h"

#include "base/error.h"
#include "base/text.h"
#include "speech/espeak/library.h"
#include "speech/espeak/voice_list.h"
#include "speech/sentences.h"

namespace fadeout::speech {
namespace {

/// Control characters become spaces: the engine takes some as commands (0x01 changes pitch and speed).
std::string without_controls(std::string_view sentence) {
    std::string text(sentence);
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x20 || byte == 0x7F) text[i] = ' ';
        // U+0080 to U+009F
        if (byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0)
            text[i] = text[i + 1] = ' ';
    }
    return text;
}

}  // namespace

EspeakSynthesizer::EspeakSynthesizer() {
    VoiceList list = make_voice_list(Library::instance().voice_files());
    voices_ = std::move(list.voices);
    paths_ = std::move(list.paths);
}

const std::string& EspeakSynthesizer::voice_path(const std::string& voice_id) const {
    Library::instance().require();
    const auto found = paths_.find(to_lower(voice_id));
    if (found != paths_.end()) return found->second;
    std::string some;
    for (const std::string& id : similar_voices(voice_id, voices_)) some += (some.empty() ? "" : ", ") + id;
    throw Error(ErrorKind::not_found, "There is no such voice. Voices are, for example: " + some + ".");
}

int EspeakSynthesizer::sample_rate_hz(const std::string& voice_id) const {
    voice_path(voice_id);
    return Library::instance().sample_rate_hz();
}

void EspeakSynthesizer::speak(const std::string& text, const std::string& voice_id, const OnPcm& on_pcm,
                              std::stop_token stop) {
    const std::string& path = voice_path(voice_id);
    std::vector<std::int16_t> pcm;
    std::string_view rest = text;
    while (const auto sentence = take_sentence(rest)) {
        Library::instance().speak(without_controls(*sentence), path, stop, pcm);
        if (stop.stop_requested()) throw Error(ErrorKind::cancelled, "The speech was cancelled.");
        if (!pcm.empty()) on_pcm(pcm);
    }
}

void EspeakSynthesizer::check() {
    Library::instance().require();
    std::size_t samples = 0;
    speak("One.", voices_.front().id, [&](std::span<const std::int16_t> pcm) { samples += pcm.size(); }, {});
    if (samples == 0)
        throw Error(ErrorKind::unavailable,
                    "The speech engine espeak-ng makes no sound; reinstall the package espeak-ng-data.");
}

}  // namespace fadeout::speech
