#include "service/remote_processor.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "base/error.h"
#include "base/pause.h"
#include "base/text.h"
#include "service/jobs.h"
#include "service/result_key.h"
#include "service/tee_source.h"

namespace fadeout::service {

namespace {

/// Stores tell whole seconds, of a clock of their own.
constexpr Duration clock_tolerance{2'000};
/// The function may begin to read late, and reads until it is done.
constexpr Duration source_link_margin{std::chrono::minutes(5)};
constexpr std::size_t copy_bytes = 256 << 10;
constexpr std::size_t max_note_bytes = storage::max_key_bytes + 1024;

/// Results, originals and uploads may only be read at a function's word where they are this pitch's results.
bool may_be_output(const storage::Key& key, std::string_view pitch_id) {
    return key.str().starts_with(results_folder(pitch_id)) ||
           std::ranges::none_of(cleanup::final_prefixes,
                                [&](std::string_view kept) { return key.str().starts_with(kept); });
}

/// The key that `text` is, where it is one among this pitch's results.
std::optional<storage::Key> result_named(std::string_view text, std::string_view pitch_id) {
    if (storage::key_fault(text) || !text.starts_with(results_folder(pitch_id))) return std::nullopt;
    return storage::Key::parse(text);
}

/// libav's name of what lies in a file of this format, or its beginning.
std::string_view codec_in(audio::Format format) {
    switch (format) {
        case audio::Format::mp3:
            return "mp3";
        case audio::Format::m4a:
            return "aac";
        case audio::Format::opus:
            return "opus";
        case audio::Format::flac:
            return "flac";
        case audio::Format::wav:
            return "pcm";
    }
    return "";
}

/// A small object that tells where a function which names its results itself stored one. The spelling of the
/// format belongs to its name, as it does to a final key's: a function may make something else of "aac" than
/// of "m4a".
storage::Key note_key(const Rendering& rendering) {
    return storage::Key::parse(fmt::format("renders/{}/{}.{}", rendering.request.pitch_id, rendering.digest,
                                           rendering.request.target_extension));
}

/// The key and the version of it: the function may write another result to the same key.
std::string note_of(const storage::ObjectInfo& result) {
    return result.key.str() + '\n' + result.etag;
}

}  // namespace

std::optional<std::string_view> doubt(const std::optional<storage::ObjectHead>& head, Time asked) {
    if (!head) return "there is no such object";
    if (head->info.size_bytes == 0) return "the object is empty";
    if (head->info.modified + clock_tolerance < asked) return "the object is older than the request";
    return std::nullopt;
}

void check_output(std::string_view start) {
    if (start.empty()) throw Error(ErrorKind::bad_source, "The remote function's output is empty.");
    if (trim(start).starts_with('<') || trim(start).starts_with("\xef\xbb\xbf<"))
        throw Error(ErrorKind::bad_source,
                    "The remote function's output is a document, such as a store's <Error>, and no audio.");
    if (start.size() < least_output_bytes)
        throw Error(ErrorKind::bad_source,
                    fmt::format("The remote function's output has {} bytes; audio has at least {}.",
                                start.size(), least_output_bytes));
}

void check_media(ByteSource& output, const Rendering& rendering, const audio::Limits& limits,
                 const std::stop_token& stop) {
    constexpr double tolerance_s = 1, tolerance = 0.01;
    const audio::MediaInfo got = audio::measure(output, limits, stop);
    if (!got.codec.starts_with(codec_in(rendering.request.plan.format)))
        throw Error(ErrorKind::unprocessable,
                    fmt::format("The remote function's output is {}, not the {} that was asked for.",
                                got.codec, rendering.request.target_extension));
    const audio::MediaInfo original = audio::measure(*rendering.source.bytes, limits, stop);
    const double apart_s = std::abs(got.duration_s - original.duration_s);
    if (apart_s > std::max(tolerance_s, tolerance * original.duration_s))
        throw Error(ErrorKind::unprocessable,
                    fmt::format("The remote function's output lasts {:.1f} s, its source {:.1f} s.",
                                got.duration_s, original.duration_s));
}

RemoteProcessor::RemoteProcessor(RemoteFunction& function, storage::ObjectStore& objects,
                                 const Sources& sources, const Transcode& transcode,
                                 TemporaryFiles& temporary, const Clock& clock, LogLine log,
                                 RemoteProcessorOptions options)
    : function_(function),
      objects_(objects),
      sources_(sources),
      transcode_(transcode),
      temporary_(temporary),
      clock_(clock),
      log_(std::move(log)),
      options_(std::move(options)) {}

std::optional<RemoteResult> RemoteProcessor::run(const Rendering& rendering,
                                                 const audio::OnProgress& on_progress, std::stop_token stop,
                                                 std::string& cleanup_id) {
    const Time asked = clock_.now();
    const RemoteAnswer answer = function_.transcode(request(rendering), stop);
    cleanup_id = clean_up_later(answer, rendering);
    if (rendering.request.plan.watermark && answer.watermarked == false)
        throw Error(ErrorKind::bad_source, "The remote function left out the watermark.");
    if (!rendering.request.plan.watermark && answer.watermarked == true)
        throw Error(ErrorKind::bad_source, "The remote function added a watermark that was not asked for.");
    if (auto direct = believe(answer, rendering.request.pitch_id, asked)) {
        log_(Severity::info, fmt::format("Lambda uploaded directly to final destination: {} ({})",
                                         direct->key.str(), format_bytes(direct->size_bytes)));
        remember(rendering, *direct);
        return RemoteResult{direct->key, direct->size_bytes, true};
    }
    return fetch(rendering, answer.output_url, on_progress, stop);
}

/// Durably, before anything else is done with the answer.
std::string RemoteProcessor::clean_up_later(const RemoteAnswer& answer, const Rendering& rendering) const {
    std::vector<std::string> named = answer.temp_files;
    if (is_web_url(answer.output_url)) named.push_back(answer.output_url);
    KeptObjects kept{.final_key = rendering.key};
    if (answer.direct_upload) kept.direct_key = result_named(answer.s3_key, rendering.request.pitch_id);
    if (const auto& object = rendering.source.object) kept.original = object->info.key;
    return temporary_.schedule(named, kept);
}

std::optional<RemoteResult> RemoteProcessor::find(const Rendering& rendering) const {
    const auto note = objects_.open(note_key(rendering));
    if (!note) return std::nullopt;
    std::string text(max_note_bytes, '\0');
    text.resize(read_fully(*note, 0, std::as_writable_bytes(std::span(text))));
    const auto key =
        result_named(std::string_view(text).substr(0, text.find('\n')), rendering.request.pitch_id);
    if (!key) return std::nullopt;
    const auto head = objects_.head(*key);
    if (!head || head->info.size_bytes == 0 || text != note_of(head->info)) return std::nullopt;
    return RemoteResult{*key, head->info.size_bytes, true};
}

/// For find(). Where the note cannot be written the next request is rendered again, and no more.
void RemoteProcessor::remember(const Rendering& rendering, const storage::ObjectInfo& result) const {
    if (result.key == rendering.key) return;  // Transcode finds it there
    try {
        const auto note =
            objects_.create(note_key(rendering), {.content_type = "text/plain", .metadata = {}});
        note->write(as_bytes(note_of(result)));
        note->commit();
    } catch (const Error& error) {
        log_(Severity::error,
             fmt::format("Where {} lies could not be noted: {}", result.key.str(), error.what()));
    }
}

boost::json::object RemoteProcessor::request(const Rendering& rendering) const {
    const TranscodeRequest& wanted = rendering.request;
    std::string url = wanted.file_url;
    if (const auto& object = rendering.source.object)
        url = objects_.presign(
            storage::LinkMethod::get, object->info.key,
            std::chrono::ceil<std::chrono::seconds>(function_.timeout() + source_link_margin), {});
    boost::json::object settings;
    if (wanted.plan.watermark) settings = to_json(*wanted.plan.watermark);
    settings["pitch_id"] = wanted.pitch_id;
    if (!wanted.project_id.empty()) settings["project_id"] = wanted.project_id;
    return {{"file_url", url},
            {"target_format", wanted.target_extension},
            {"target_bitrate", wanted.target_bitrate},
            {"apply_watermark", wanted.plan.watermark.has_value()},
            {"watermark_settings", std::move(settings)}};
}

std::optional<storage::ObjectInfo> RemoteProcessor::believe(const RemoteAnswer& answer,
                                                            const std::string& pitch_id, Time asked) const {
    const auto doubted = [&](std::string_view why) {
        log_(Severity::info, fmt::format("The remote function's upload was not taken: {}.{}", why,
                                         is_web_url(answer.output_url) ? " Fetching its output." : ""));
        return std::nullopt;
    };
    if (!answer.direct_upload) return doubted("it does not say direct_upload");
    const auto key = result_named(answer.s3_key, pitch_id);
    if (!key) return doubted("it names no key among the pitch's results");
    try {
        const auto head = objects_.head(*key);
        if (const auto why = doubt(head, asked)) return doubted(*why);
        options_.on_direct_upload(*key);
        return head->info;
    } catch (const Error& error) {
        return doubted(fmt::format("it could not be verified ({})", error.what()));
    }
}

std::optional<RemoteResult> RemoteProcessor::fetch(const Rendering& rendering, const std::string& url,
                                                   const audio::OnProgress& on_progress,
                                                   const std::stop_token& stop) const {
    if (!is_web_url(url)) throw Error(ErrorKind::bad_source, "The remote function names no output_url.");
    for (std::size_t failed = 0;;) {
        try {
            return copy(rendering, url, on_progress, stop);
        } catch (const Error& error) {
            if (!is_retryable(error.kind()) || failed == options_.fetch_pauses.size()) throw;
            log_(Severity::info,
                 fmt::format("Fetching {} failed, trying again: {}", mask_links(url), error.what()));
        }
        pause(options_.fetch_pauses[failed++], stop);
        require_going_on(stop, "processing");
    }
}

std::optional<RemoteResult> RemoteProcessor::copy(const Rendering& rendering, const std::string& url,
                                                  const audio::OnProgress& on_progress,
                                                  const std::stop_token& stop) const {
    const OpenSource output = sources_.open(url, stop);
    if (output.object && !may_be_output(output.object->info.key, rendering.request.pitch_id))
        throw Error(ErrorKind::denied,
                    "The remote function's output_url leads to an object of somebody else.");
    if (output.identity == rendering.source.identity)
        throw Error(ErrorKind::denied, "The remote function's output_url leads to the original.");
    std::vector<std::byte> start(copy_bytes);
    start.resize(read_fully(*output.bytes, 0, start));
    check_output({reinterpret_cast<const char*>(start.data()), std::min(start.size(), least_output_bytes)});
    const bool is_seekable = output.bytes->seekable();
    if (is_seekable) check_media(*output.bytes, rendering, transcode_.limits(), stop);

    log_(Severity::info, "Uploading directly to final destination: " + rendering.key.str());
    const auto writer = transcode_.create(rendering, "aws_lambda");
    writer->write(start);
    TeeSource tee(*output.bytes, start, *writer);
    if (!is_seekable) check_media(tee, rendering, transcode_.limits(), stop);  // instead of fetching it twice
    std::vector<std::byte> buffer(copy_bytes);
    do {
        require_going_on(stop, "processing");
        if (const auto size = output.bytes->size())
            on_progress(static_cast<double>(tee.passed()) / static_cast<double>(*size));
    } while (tee.read_at(tee.passed(), buffer) > 0);
    try {
        writer->commit(storage::Existing::keep);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::conflict) throw;
        log_(Severity::info, "Another node was first: " + rendering.key.str());
        return std::nullopt;
    }
    return RemoteResult{rendering.key, tee.passed(), false};
}

}  // namespace fadeout::service
