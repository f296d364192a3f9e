#pragma once
#include "base/error.h"
#include "speech/synthesizer.h"

namespace fadeout::speech {

/// The synthesizer of a build without an engine (FADEOUT_ESPEAK=OFF): it has no voices and says so.
class NoSynthesizer final : public Synthesizer {
  public:
    const std::vector<Voice>& voices() const override { return none_; }
    int sample_rate_hz(const std::string&) const override { throw missing(); }
    void speak(const std::string&, const std::string&, const OnPcm&, std::stop_token) override {
        throw missing();
    }
    void check() override { throw missing(); }

  private:
    static Error missing() {
        return {ErrorKind::unavailable, "This build has no voices; build it with FADEOUT_ESPEAK=ON"};
    }
    std::vector<Voice> none_;
};

}  // namespace fadeout::speech
