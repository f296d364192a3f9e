#pragma once
#include <map>
#include <string>
#include <vector>

#include "speech/synthesizer.h"

namespace fadeout::speech {

/// The built-in voice: libespeak-ng in process, 22,050 Hz. Any number of these may exist; they share the one
/// engine of the process. Text is spoken as it stands: neither SSML nor phoneme input is interpreted. Without
/// the engine's data there are no voices and everything throws Error(unavailable).
///
/// The same text says the same words each time, whatever was spoken before or meanwhile. The samples are not
/// the same bit by bit: the engine varies the pitch slightly and goes on in its table from one request to the
/// next.
class EspeakSynthesizer final : public Synthesizer {
  public:
    EspeakSynthesizer();

    /// Each voice file of the engine once, its id the code that `espeak-ng -v` takes.
    const std::vector<Voice>& voices() const override { return voices_; }
    /// Voices may also be asked for by their other language codes ("en", "zh"), in any case.
    int sample_rate_hz(const std::string& voice_id) const override;
    void speak(const std::string& text, const std::string& voice_id, const OnPcm& on_pcm,
               std::stop_token stop) override;
    void check() override;

  private:
    const std::string& voice_path(const std::string& voice_id) const;

    std::vector<Voice> voices_;
    std::map<std::string, std::string> paths_;  ///< of voice files, by lower-case id or other code
};

}  // namespace fadeout::speech
