#include "speech/espeak/library.h"

#include <espeak-ng/speak_lib.h>

#include <exception>
#include <mutex>

#include "base/error.h"

namespace fadeout::speech {
namespace {

/// Of the chunks in which the library delivers: small, so that a request to stop is seen soon.
constexpr int kBufferMs = 60;

/// What the library's callback fills.
struct Capture {
    std::vector<std::int16_t>& pcm;
    const std::stop_token& stop;
    bool has_words = false;
    std::exception_ptr error = nullptr;
};

/// Never ends the sentence early, also not when asked to stop: an aborted one leaves traces in later requests
/// (1.51: events of words that are not there). The rest of a sentence costs milliseconds and is thrown away.
int on_samples(short* samples, int count, espeak_EVENT* events) noexcept {
    auto& capture = *static_cast<Capture*>(events->user_data);
    for (const espeak_EVENT* event = events; event->type != espeakEVENT_LIST_TERMINATED; ++event)
        // Words without a length are remains of an earlier text.
        capture.has_words |= event->type == espeakEVENT_WORD && event->length > 0;
    if (samples == nullptr || capture.error || capture.stop.stop_requested()) return 0;
    try {
        capture.pcm.insert(capture.pcm.end(), samples, samples + count);
    } catch (...) {
        capture.error = std::current_exception();
    }
    return 0;
}

std::string gender_name(unsigned char gender) {
    return gender == 1 ? "male" : gender == 2 ? "female" : "";
}

/// The library's list: of each code a priority byte and a terminated string, until a priority of 0.
std::vector<Library::VoiceFile::Code> parse_codes(const char* list) {
    std::vector<Library::VoiceFile::Code> codes;
    while (*list != 0) {
        const int priority = *list++;
        codes.push_back({list, priority});
        list += codes.back().code.size() + 1;
    }
    return codes;
}

}  // namespace

Library& Library::instance() {
    static Library library;
    return library;
}

Library::Library() {
    // Without DONT_EXIT a missing data folder would end the process.
    const int rate =
        espeak_Initialize(AUDIO_OUTPUT_SYNCHRONOUS, kBufferMs, nullptr, espeakINITIALIZE_DONT_EXIT);
    if (rate <= 0) return;
    sample_rate_hz_ = rate;
    espeak_SetSynthCallback(on_samples);
    const espeak_VOICE** voices = espeak_ListVoices(nullptr);
    for (; voices != nullptr && *voices != nullptr; ++voices) {
        VoiceFile file{.path = (*voices)->identifier,
                       .name = (*voices)->name,
                       .gender = gender_name((*voices)->gender),
                       .codes = parse_codes((*voices)->languages)};
        // MBROLA voices are spoken by another program, at another rate.
        if (!file.codes.empty() && !file.path.starts_with("mb/")) voice_files_.push_back(std::move(file));
    }
}

void Library::require() const {
    if (voice_files_.empty())
        throw Error(ErrorKind::unavailable,
                    "The speech engine espeak-ng has no data; install the package espeak-ng-data.");
}

void Library::select_voice(const std::string& voice_path) {
    if (voice_path == selected_voice_path_) return;
    selected_voice_path_.clear();
    const int status = espeak_SetVoiceByName(voice_path.c_str());
    if (status != EE_OK)
        throw Error(ErrorKind::unavailable, "The speech engine cannot load this voice; choose another.",
                    "espeak_SetVoiceByName(" + voice_path + ") returned " + std::to_string(status));
    selected_voice_path_ = voice_path;
}

void Library::speak(const std::string& sentence, const std::string& voice_path, const std::stop_token& stop,
                    std::vector<std::int16_t>& pcm) {
    pcm.clear();
    Capture capture{.pcm = pcm, .stop = stop};
    {
        const std::lock_guard turn(turn_);
        if (stop.stop_requested()) return;
        select_voice(voice_path);
        const espeak_ERROR status = espeak_Synth(sentence.c_str(), sentence.size() + 1, 0, POS_CHARACTER, 0,
                                                 espeakCHARS_UTF8 | espeakENDPAUSE, nullptr, &capture);
        if (status != EE_OK)
            throw Error(ErrorKind::internal, "The speech engine failed; try again.",
                        "espeak_Synth returned " + std::to_string(status));
    }
    if (capture.error) std::rethrow_exception(capture.error);
    // The engine makes a little silence even of a lone bracket.
    if (!capture.has_words || stop.stop_requested()) pcm.clear();
}

}  // namespace fadeout::speech
