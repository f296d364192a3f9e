#include "service/speech.h"

#include <fmt/format.h>

#include "audio/wav_writer.h"
#include "base/ids.h"
#include "base/text.h"
#include "service/fields.h"

namespace fadeout::service {

namespace {

using Stopwatch = std::chrono::steady_clock;

std::chrono::microseconds since(Stopwatch::time_point start) {
    return std::chrono::duration_cast<std::chrono::microseconds>(Stopwatch::now() - start);
}

storage::Key speech_key(const std::string& date, const std::string& audio_id) {
    return storage::Key::parse(fmt::format("temp-audio/{}/{}.wav", date, audio_id));
}

}  // namespace

Speech::Speech(speech::Synthesizer& synthesizer, storage::ObjectStore& objects, records::RecordStore& records,
               const Clock& clock, SpeechOptions options)
    : synthesizer_(synthesizer),
      objects_(objects),
      records_(records),
      clock_(clock),
      options_(std::move(options)) {}

SpeechRequest Speech::parse(const boost::json::object& body, std::size_t max_characters) const {
    SpeechRequest request;
    request.text = string_member(body, "text").value_or("");
    if (trim(request.text).empty()) throw Error(ErrorKind::invalid, "No text provided");
    const std::size_t characters = count_characters(request.text);
    if (characters > max_characters)
        throw Error(ErrorKind::too_large, fmt::format("The text has {} characters; at most {} are allowed",
                                                      characters, max_characters));
    request.voice_id = voice_for(body);
    synthesizer_.sample_rate_hz(request.voice_id);  // an unknown voice is told now, not when the job runs
    return request;
}

std::string Speech::voice_for(const boost::json::object& body) const {
    for (const std::string_view member : {"voice", "voice_id"})
        if (const auto id = string_member(body, member); id && !id->empty()) return *id;
    const auto language = string_member(body, "language");
    if (!language || language->empty()) return options_.default_voice;
    for (const speech::Voice& voice : synthesizer_.voices())
        if (to_lower(voice.language) == to_lower(*language) || to_lower(voice.id) == to_lower(*language))
            return voice.id;
    throw Error(ErrorKind::not_found,
                fmt::format("No voice speaks the language '{}'; GET /voices lists all", *language));
}

SpeechResult Speech::speak(const SpeechRequest& request, std::stop_token stop) {
    SpeechResult result = render(request, {make_uuid(), utc_date(clock_.now())}, std::move(stop));
    try {
        store_record(result);
    } catch (...) {  // nobody else has this id, so nobody else's object is removed
        remove_object(result);
        throw;
    }
    return result;
}

SpeechResult Speech::speak(const SpeechRequest& request, const SpeechId& id, std::stop_token stop) {
    SpeechResult result = render(request, id, std::move(stop));
    store_record(result);
    return result;
}

SpeechResult Speech::render(const SpeechRequest& request, const SpeechId& id, std::stop_token stop) {
    SpeechResult result;
    result.audio_id = id.audio_id;
    result.date = id.date;
    result.text = request.text;
    result.voice_id = request.voice_id;
    const storage::Key key = speech_key(id.date, id.audio_id);

    auto started = Stopwatch::now();
    const auto writer = objects_.create(key, {.content_type = "audio/wav", .metadata = {}});
    result.timings.store = since(started);

    started = Stopwatch::now();
    result.duration_s = speak_to(request, *writer, std::move(stop));
    result.timings.synthesis = since(started);

    started = Stopwatch::now();
    writer->commit();
    result.timings.store += since(started);
    result.s3_url = objects_.presign(storage::LinkMethod::get, key, options_.link_expiry, {});
    return result;
}

void Speech::store_record(SpeechResult& result) {
    const auto started = Stopwatch::now();
    // The link was signed before this moment, so the record never ends before the link does.
    const long long ttl = unix_seconds(clock_.now() + options_.link_expiry);
    const storage::Key key = speech_key(result.date, result.audio_id);
    records_.put({.date = result.date,
                  .audio_id = result.audio_id,
                  .s3_url = options_.store_links ? result.s3_url
                                                 : fmt::format("s3://{}/{}", objects_.bucket(), key.str()),
                  .text = result.text,
                  .voice_id = result.voice_id,
                  .duration_s = result.duration_s,
                  .ttl = ttl});
    result.timings.records = since(started);
}

void Speech::remove_object(const SpeechResult& result) noexcept {
    const storage::Key key = speech_key(result.date, result.audio_id);
    try {
        objects_.remove(std::span(&key, 1));
    } catch (const std::exception&) {  // it stays an orphan, which the sweep finds
    }
}

double Speech::speak_to(const SpeechRequest& request, ByteSink& sink, std::stop_token stop) {
    audio::WavWriter wav(sink, synthesizer_.sample_rate_hz(request.voice_id), 1);
    synthesizer_.speak(
        request.text, request.voice_id, [&](std::span<const std::int16_t> samples) { wav.write(samples); },
        std::move(stop));
    wav.finish();
    return wav.duration_s();
}

const std::vector<speech::Voice>& Speech::voices() const {
    return synthesizer_.voices();
}

std::optional<records::SpeechRecord> Speech::find(const std::string& date, const std::string& audio_id) {
    return records_.get(date, audio_id);
}

bool Speech::remove(const std::string& date, const std::string& audio_id) {
    if (!records_.get(date, audio_id)) return false;
    const storage::Key key = speech_key(date, audio_id);
    for (const storage::RemoveResult& removed : objects_.remove(std::span(&key, 1)))
        if (removed.error) throw *removed.error;
    records_.remove({{date, audio_id}});
    return true;
}

JobType speak_job(Speech& speech) {
    return {
        .name = "speak",
        .check =
            [&speech](const boost::json::object& body) {
                speech.parse(body, speech.options().max_job_characters);
            },
        .run =
            [&speech](const jobs::Job& job, const boost::json::object& body, const audio::OnProgress&,
                      std::stop_token stop) {
                const SpeechRequest request = speech.parse(body, speech.options().max_job_characters);
                return to_json(speech.speak(request, {job.id, utc_date(job.created_at)}, std::move(stop)));
            }};
}

boost::json::object to_json(const SpeechResult& result) {
    return {{"audio_id", result.audio_id},
            {"s3_url", result.s3_url},
            {"duration", result.duration_s},
            {"text", result.text},
            {"voice_id", result.voice_id}};
}

boost::json::object to_json(const records::SpeechRecord& record) {
    return {{"date", record.date}, {"audio_id", record.audio_id}, {"s3_url", record.s3_url},
            {"text", record.text}, {"voice_id", record.voice_id}, {"duration", record.duration_s},
            {"ttl", record.ttl}};
}

boost::json::object to_json(const speech::Voice& voice) {
    return {{"id", voice.id},
            {"display_name", voice.display_name},
            {"language", voice.language},
            {"gender", voice.gender},
            {"engine", voice.engine},
            {"available", voice.available}};
}

}  // namespace fadeout::service
