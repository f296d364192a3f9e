#include "service/process.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>

#include "base/error.h"
#include "base/text.h"
#include "service/fields.h"
#include "service/result_key.h"
#include "storage/arguments.h"

namespace fadeout::service {

namespace {

constexpr std::string_view accepted_sources = "mp3, wav, flac, ogg, opus, aac, m4a or aiff";

[[noreturn]] void refuse_processed() {
    throw Error(ErrorKind::conflict,
                "The source is already processed. Name the original that it was made from instead.");
}

/// The name in a key or URL, without query.
std::string_view file_name(std::string_view source) {
    source = source.substr(0, source.find_first_of("?#"));
    return source.substr(source.rfind('/') + 1);  // npos + 1 == 0
}

void check_source_name(std::string_view source) {
    const std::string extension = extension_of(file_name(source));
    if (is_never_audio(extension))
        throw Error(ErrorKind::unsupported,
                    fmt::format("A .{} file is no audio. Send {}.", extension, accepted_sources));
}

/// The extension of a name that tells of audio; empty for "download.php".
std::string audio_extension(std::string_view file_name) {
    const std::string type = storage::content_type_of(file_name);
    return type.starts_with("audio/") || type.starts_with("video/") ? extension_of(file_name) : std::string();
}

/// The original's format. Error unless it is an original, and audio.
std::string check_source(const Rendering& rendering, const audio::Limits& limits) {
    const OpenSource& source = rendering.source;
    if (source.object && (is_result_key(source.object->info.key.str()) ||
                          storage::find_metadata(source.object->attributes, "processed_at")))
        refuse_processed();
    std::string extension = audio_extension(source.name);
    if (rendering.exists && !extension.empty()) return extension;  // it was audio when it was rendered
    const audio::MediaInfo info = audio::probe(*source.bytes, limits);
    return extension.empty() ? info.codec : extension;
}

}  // namespace

std::string extension_of(std::string_view file_name) {
    const std::size_t dot = file_name.rfind('.');
    if (dot == std::string_view::npos || dot == 0) return {};
    return to_lower(file_name.substr(dot + 1));
}

bool is_never_audio(std::string_view extension) noexcept {
    static constexpr std::array names = {"jpg",  "jpeg", "png", "gif", "webp", "bmp",  "svg",  "tif", "tiff",
                                         "heic", "pdf",  "txt", "rtf", "csv",  "doc",  "docx", "xls", "xlsx",
                                         "ppt",  "pptx", "odt", "zip", "gz",   "tgz",  "tar",  "7z",  "rar",
                                         "exe",  "dll",  "srt", "vtt", "m3u",  "m3u8", "pls"};
    return std::ranges::find(names, extension) != names.end();
}

Process::Process(storage::ObjectStore& objects, Transcode& transcode, RemoteProcessor* remote,
                 const Clock& clock, LogLine log)
    : objects_(objects), transcode_(transcode), remote_(remote), clock_(clock), log_(std::move(log)) {}

TranscodeRequest Process::parse(const boost::json::object& body) const {
    const auto source = string_member(body, "source").value_or("");
    if (source.empty())
        throw Error(ErrorKind::invalid, "Missing source: the original's key in the store, or its URL");
    const auto pitch_id = id_member(body, "pitch_id");
    if (!pitch_id) throw Error(ErrorKind::invalid, "Missing pitch_id: the result is stored in its folder");
    const bool is_url = is_web_url(source);
    if (!is_url && has_scheme(source))
        throw Error(ErrorKind::invalid, "source must be a key of the store, or an http:// or https:// URL");
    check_source_name(source);
    const auto key = is_url ? objects_.key_in(source) : storage::Key::parse(source);
    if (key && is_result_key(key->str())) refuse_processed();

    boost::json::object transcode{{"file_url", source}, {"pitch_id", *pitch_id}};
    for (const std::string_view name : {"project_id", "target_format", "target_bitrate"})
        if (const auto* value = body.if_contains(name)) transcode[name] = *value;
    if (const auto* watermark = object_member(body, "watermark")) {
        transcode["apply_watermark"] = true;
        transcode["watermark_settings"] = *watermark;
    }
    return transcode_.parse(transcode);
}

ProcessResult Process::run(const TranscodeRequest& request, const audio::OnProgress& on_progress,
                           std::stop_token stop) {
    const Time begun = clock_.now();
    Rendering rendering = transcode_.prepare(request, stop);
    // Not the turn that renders wait for: the function may well be this server's own POST /transcode.
    const Turns::Turn turn = transcode_.take_turn(turns_, rendering, stop);
    ProcessResult result{.watermarked = request.plan.watermark.has_value(),
                         .reused = rendering.exists,
                         .output = rendering.key,
                         .original_format = check_source(rendering, transcode_.limits()),
                         .target_format = request.target_extension,
                         .target_bitrate = request.target_bitrate};
    std::string cleanup_id;
    std::optional<RemoteResult> known;
    if (rendering.exists) {
        if (const auto head = objects_.head(rendering.key)) result.output_bytes = head->info.size_bytes;
        result.warnings = transcode_.warnings(rendering);
    } else if (remote_ != nullptr && (known = remote_->find(rendering))) {
        result.reused = true;
        result.output = known->key;
        result.output_bytes = known->size_bytes;
        result.method = ProcessingMethod::direct;
    } else if (try_remote(rendering, on_progress, stop, result, cleanup_id)) {
        // Where the function is a fadeout, too, it kept them beside its result.
        if (result.output == rendering.key) result.warnings = transcode_.warnings(rendering);
    } else {
        log_(Severity::info, "Uploading directly to final destination: " + rendering.key.str());
        // The remote function may have stored the result after all, or another node.
        if (remote_ != nullptr) rendering = transcode_.prepare(request, stop);
        const TranscodeResult done = transcode_.finish(std::move(rendering), on_progress, std::move(stop));
        result.output = storage::Key::parse(done.key);
        result.output_bytes = done.rendered.output_bytes;
        result.reused = done.reused;
        result.warnings = done.rendered.warnings;
    }
    for (const std::string& warning : result.warnings)
        log_(Severity::info, fmt::format("{}: {}", result.output.str(), warning));
    if (remote_ != nullptr) remote_->result_is_stored(cleanup_id);
    result.time = clock_.now() - begun;
    return result;
}

bool Process::try_remote(const Rendering& rendering, const audio::OnProgress& on_progress,
                         const std::stop_token& stop, ProcessResult& result, std::string& cleanup_id) const {
    if (remote_ == nullptr) return false;
    try {
        const auto remote = remote_->run(rendering, on_progress, stop, cleanup_id);
        if (!remote) return false;
        result.output = remote->key;
        result.output_bytes = remote->size_bytes;
        result.method = remote->direct ? ProcessingMethod::direct : ProcessingMethod::aws_lambda;
        return true;
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::cancelled || stop.stop_requested()) throw;
        log_(Severity::error, "The remote processor failed, processing in process: " + with_detail(error));
        return false;
    }
}

std::string_view name(ProcessingMethod method) noexcept {
    switch (method) {
        case ProcessingMethod::direct:
            return "direct";
        case ProcessingMethod::aws_lambda:
            return "aws_lambda";
        case ProcessingMethod::local:
            return "local";
    }
    return "local";
}

boost::json::object to_json(const ProcessResult& result) {
    boost::json::object answer{{"transcoded", true},
                               {"watermarked", result.watermarked},
                               {"output_path", result.output.str()},
                               {"output_filename", result.output.name()},
                               {"output_size", result.output_bytes},
                               {"original_format", result.original_format},
                               {"target_format", result.target_format},
                               {"target_bitrate", result.target_bitrate},
                               {"processing_method", name(result.method)},
                               {"processing_time", std::chrono::duration<double>(result.time).count()},
                               {"error", nullptr}};
    if (result.reused) answer["reused"] = true;
    if (!result.warnings.empty())
        answer["warnings"] = boost::json::array(result.warnings.begin(), result.warnings.end());
    return answer;
}

JobType process_job(Process& process) {
    return {.name = "process",
            .check = [&process](const boost::json::object& body) { process.parse(body); },
            .run =
                [&process](const jobs::Job&, const boost::json::object& body,
                           const audio::OnProgress& on_progress, std::stop_token stop) {
                    return to_json(process.run(process.parse(body), on_progress, std::move(stop)));
                }};
}

}  // namespace fadeout::service
