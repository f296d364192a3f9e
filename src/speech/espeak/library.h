#pragma once
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "speech/espeak/turn_lock.h"

namespace fadeout::speech {

/// libespeak-ng. It keeps everything, voices included, in global variables, so there is one of it in a
/// process, and one sentence is spoken at a time. Initialising it sets the process's LC_CTYPE locale to
/// C.UTF-8.
class Library {
  public:
    /// A voice file of the engine, and the language codes it may be asked by, its own first.
    struct VoiceFile {
        struct Code {
            std::string code;  ///< lower case, "en-gb-x-rp"
            int priority = 0;  ///< lower is better
        };
        std::string path;  ///< "gmw/en-US"
        std::string name;  ///< "English (America)"
        std::string gender;
        std::vector<Code> codes;
    };

    /// Initialised on first use and kept until the process ends.
    static Library& instance();
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;

    /// Error(unavailable) where the library found no data to work with.
    void require() const;
    const std::vector<VoiceFile>& voice_files() const noexcept { return voice_files_; }
    int sample_rate_hz() const noexcept { return sample_rate_hz_; }

    /// Speaks one sentence; the text is taken as it is (no markup) and must hold no control characters. `pcm`
    /// is replaced, and empty where the sentence has no words or `stop` is requested. Thread-safe; waits for
    /// its turn. Errors: unavailable (the voice cannot be loaded), internal.
    void speak(const std::string& sentence, const std::string& voice_path, const std::stop_token& stop,
               std::vector<std::int16_t>& pcm);

  private:
    Library();
    void select_voice(const std::string& voice_path);

    int sample_rate_hz_ = 0;
    std::vector<VoiceFile> voice_files_;
    TurnLock turn_;
    std::string selected_voice_path_;
};

}  // namespace fadeout::speech
