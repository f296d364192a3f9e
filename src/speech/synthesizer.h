#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace fadeout::speech {

struct Voice {
    std::string id;            ///< what a request names, e.g. "en-us"
    std::string display_name;  ///< "English (America)"
    std::string language;      ///< BCP 47, e.g. "en-US"
    std::string gender;        ///< "male", "female" or "" where the engine does not say
    std::string engine;        ///< "espeak"
    bool available = true;     ///< false: known, but its model or engine is missing here
};

/// Mono signed 16-bit samples at Synthesizer::sample_rate_hz(), valid during the call.
using OnPcm = std::function<void(std::span<const std::int16_t> samples)>;

/// Turns text into speech. Thread-safe: calls from many threads at once are allowed (an engine with global
/// state locks per sentence, never while `on_pcm` runs).
class Synthesizer {
  public:
    virtual ~Synthesizer() = default;

    /// Sorted by language, then display name.
    virtual const std::vector<Voice>& voices() const = 0;

    /// Samples per second of this voice. Error(not_found), naming some voices that exist, for an unknown one.
    virtual int sample_rate_hz(const std::string& voice_id) const = 0;

    /// Speaks valid UTF-8 `text`, sentence by sentence: memory is bounded by the longest sentence, not by the
    /// text. Returns when everything was handed to `on_pcm`, or early with Error(cancelled) once `stop` is
    /// requested. An exception out of `on_pcm` ends the synthesis and is passed on. Text without anything to
    /// speak yields no samples. Errors: not_found (voice), unavailable (engine), internal.
    virtual void speak(const std::string& text, const std::string& voice_id, const OnPcm& on_pcm,
                       std::stop_token stop) = 0;

    /// Throws what is wrong and how to mend it.
    virtual void check() = 0;
};

}  // namespace fadeout::speech
