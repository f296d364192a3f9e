#pragma once
#include <boost/json/object.hpp>
#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/byte_stream.h"
#include "base/clock.h"
#include "records/record_store.h"
#include "service/job_type.h"
#include "speech/synthesizer.h"
#include "storage/object_store.h"

namespace fadeout::service {

struct SpeechRequest {
    std::string text;
    std::string voice_id;
};

/// Names the object and the record. A job derives both from itself, so that running it twice has one effect.
struct SpeechId {
    std::string audio_id;
    std::string date;  ///< "YYYY-MM-DD", UTC
};

/// Where the time of one request went, for the Server-Timing header and the benchmark.
struct SpeechTimings {
    std::chrono::microseconds synthesis{}, store{}, records{};
};

struct SpeechResult {
    std::string audio_id;
    std::string date;
    std::string s3_url;
    double duration_s = 0;
    std::string text;
    std::string voice_id;
    SpeechTimings timings;
};

struct SpeechOptions {
    std::string default_voice = "en-us";
    Duration link_expiry{std::chrono::hours(24)};
    std::size_t max_characters = 10'000;         ///< of /tts/sync
    std::size_t max_job_characters = 1'000'000;  ///< of /tts/jobs
    bool store_links = true;  ///< false: the record holds s3://bucket/key instead of the signed link
};

/// Speaks text into temporary storage: object first, then record, then the link. What a crash between the two
/// leaves is found by the sweep.
class Speech {
  public:
    Speech(speech::Synthesizer& synthesizer, storage::ObjectStore& objects, records::RecordStore& records,
           const Clock& clock, SpeechOptions options);

    /// {"text"*, "voice" | "voice_id" | "language"}: Error(invalid) for no text or not a string, too_large
    /// beyond max_characters, not_found for an unknown voice.
    SpeechRequest parse(const boost::json::object& body, std::size_t max_characters) const;
    /// Under a new id of today. If the record fails the object is removed.
    SpeechResult speak(const SpeechRequest& request, std::stop_token stop);
    /// If the record fails the object stays: another run of the same job may have handed out a link to it.
    SpeechResult speak(const SpeechRequest& request, const SpeechId& id, std::stop_token stop);

    /// Speaks into any sink as a WAV file with true sizes, without record; returns its duration in seconds.
    double speak_to(const SpeechRequest& request, ByteSink& sink, std::stop_token stop);

    const std::vector<speech::Voice>& voices() const;
    std::optional<records::SpeechRecord> find(const std::string& date, const std::string& audio_id);
    /// Removes object and record; false where there is no such record.
    bool remove(const std::string& date, const std::string& audio_id);
    const SpeechOptions& options() const noexcept { return options_; }

  private:
    std::string voice_for(const boost::json::object& body) const;
    SpeechResult render(const SpeechRequest& request, const SpeechId& id, std::stop_token stop);
    void store_record(SpeechResult& result);
    void remove_object(const SpeechResult& result) noexcept;

    speech::Synthesizer& synthesizer_;
    storage::ObjectStore& objects_;
    records::RecordStore& records_;
    const Clock& clock_;
    SpeechOptions options_;
};

/// Jobs of type "speak". `speech` must outlive it.
JobType speak_job(Speech& speech);

/// {"audio_id", "s3_url", "duration", "text", "voice_id"}: the answer of POST /tts/sync.
boost::json::object to_json(const SpeechResult& result);
boost::json::object to_json(const records::SpeechRecord& record);
boost::json::object to_json(const speech::Voice& voice);

}  // namespace fadeout::service
