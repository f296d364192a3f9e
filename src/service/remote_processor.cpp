#include "service/remote_processor.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/pause.h"
#include "base/text.h"
#include "service/jobs.h"
#include "service/result_key.h"

namespace fadeout::service {

namespace {

/// Stores tell whole seconds, of a clock of their own.
constexpr Duration clock_tolerance{2'000};
/// The function may begin to read late, and reads until it is done.
constexpr Duration source_link_margin{std::chrono::minutes(5)};
constexpr std::size_t copy_bytes = 256 << 10;

/// Results, originals and uploads may only be read at a function's word where they are this pitch's results.
bool may_be_output(const storage::Key& key, std::string_view pitch_id) {
    return key.str().starts_with(results_folder(pitch_id)) ||
           std::ranges::none_of(cleanup::final_prefixes,
                                [&](std::string_view kept) { return key.str().starts_with(kept); });
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
                                                 std::vector<std::string>& left_behind) {
    const Time asked = clock_.now();
    const RemoteAnswer answer = function_.transcode(request(rendering), stop);
    left_behind = answer.temp_files;
    if (rendering.request.plan.watermark && answer.watermarked == false)
        throw Error(ErrorKind::bad_source, "The remote function left out the watermark.");
    if (auto direct = believe(answer, rendering.request.pitch_id, asked)) {
        log_(Severity::info, fmt::format("Lambda uploaded directly to final destination: {} ({})",
                                         direct->key.str(), format_bytes(direct->size_bytes)));
        return direct;
    }
    if (is_web_url(answer.output_url)) left_behind.push_back(answer.output_url);
    return fetch(rendering, answer.output_url, on_progress, stop);
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

std::optional<RemoteResult> RemoteProcessor::believe(const RemoteAnswer& answer, const std::string& pitch_id,
                                                     Time asked) const {
    const auto doubted = [&](std::string_view why) {
        log_(Severity::info,
             fmt::format("The remote function's upload was not taken: {}. Fetching its output.", why));
        return std::nullopt;
    };
    if (!answer.direct_upload) return doubted("it does not say direct_upload");
    if (storage::key_fault(answer.s3_key) || !answer.s3_key.starts_with(results_folder(pitch_id)))
        return doubted("it names no key among the pitch's results");
    try {
        auto key = storage::Key::parse(answer.s3_key);
        const auto head = objects_.head(key);
        if (const auto why = doubt(head, asked)) return doubted(*why);
        options_.on_direct_upload(key);
        return RemoteResult{std::move(key), head->info.size_bytes, true};
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
    const OpenSource output = sources_.open(url);
    if (output.object && !may_be_output(output.object->info.key, rendering.request.pitch_id))
        throw Error(ErrorKind::denied,
                    "The remote function's output_url leads to an object of somebody else.");
    std::vector<std::byte> buffer(copy_bytes);
    std::size_t n = read_fully(*output.bytes, 0, buffer);
    check_output({reinterpret_cast<const char*>(buffer.data()), std::min(n, least_output_bytes)});

    log_(Severity::info, "Uploading directly to final destination: " + rendering.key.str());
    const auto writer = transcode_.create(rendering, "aws_lambda");
    std::uint64_t done = 0;
    while (n > 0) {
        require_going_on(stop, "processing");
        writer->write(Bytes(buffer).first(n));
        done += n;
        if (const auto size = output.bytes->size())
            on_progress(static_cast<double>(done) / static_cast<double>(*size));
        n = output.bytes->read_at(done, buffer);
    }
    try {
        writer->commit(storage::Existing::keep);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::conflict) throw;
        log_(Severity::info, "Another node was first: " + rendering.key.str());
        return std::nullopt;
    }
    return RemoteResult{rendering.key, done, false};
}

void RemoteProcessor::clean_up(const std::vector<std::string>& left_behind, const storage::Key& final_key,
                               std::string_view method, const std::string& run_id) const {
    try {
        temporary_.schedule(left_behind, final_key, method, run_id);
    } catch (const Error& error) {
        log_(Severity::error,
             fmt::format("Temporary files behind {} stay, their cleanup could not be scheduled: {}",
                         final_key.str(), error.what()));
    }
}

}  // namespace fadeout::service
