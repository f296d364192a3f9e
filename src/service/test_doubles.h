#pragma once
#include <cstdint>
#include <stdexcept>

#include "base/error.h"
#include "records/record_store.h"
#include "speech/synthesizer.h"

namespace fadeout::service {

/// A synthesizer whose speech is 100 samples per character at 16 kHz.
class CountingSynthesizer final : public speech::Synthesizer {
  public:
    const std::vector<speech::Voice>& voices() const override { return voices_; }
    int sample_rate_hz(const std::string& voice_id) const override {
        for (const speech::Voice& voice : voices_)
            if (voice.id == voice_id) return 16'000;
        throw Error(ErrorKind::not_found, "Voice '" + voice_id + "' not found; known are de, en-us");
    }
    void speak(const std::string& text, const std::string&, const speech::OnPcm& on_pcm,
               std::stop_token stop) override {
        const std::vector<std::int16_t> samples(100, 1000);
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (stop.stop_requested()) throw Error(ErrorKind::cancelled, "Cancelled");
            on_pcm(samples);
        }
    }
    void check() override {}

  private:
    std::vector<speech::Voice> voices_{{"de", "German", "de", "male", "fake", true},
                                       {"en-us", "English (America)", "en-US", "male", "fake", true}};
};

/// Records whose put always fails; everything else stays as it is in the store behind.
class FailingRecords : public records::RecordStore {
  public:
    void put(const records::SpeechRecord&) override {
        throw Error(ErrorKind::unavailable, "The records cannot be written now");
    }
    std::optional<records::SpeechRecord> get(const std::string&, const std::string&) override { return {}; }
    records::RecordPage list(const std::string&, std::string_view, std::size_t,
                             records::Visibility) override {
        return {};
    }
    std::vector<std::string> dates() override { return {}; }
    void remove(const std::vector<records::RecordId>&) override {}
    std::size_t remove_expired(std::size_t) override { return 0; }
    void check() override {}
};

}  // namespace fadeout::service
