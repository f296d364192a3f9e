#include "service/transcode.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "base/text.h"
#include "service/fields.h"
#include "service/kept_warnings.h"
#include "service/result_key.h"

namespace fadeout::service {

namespace {

constexpr std::string_view render_metadata = "fadeout-render";
/// How often a render begins again because another one took its name.
constexpr int max_rounds = 3;

audio::Watermark parse_watermark(const boost::json::object& settings) {
    audio::Watermark watermark;
    if (const auto type = string_member(settings, "type"))
        watermark.type = audio::parse_watermark_type(*type);
    watermark.frequency_hz = number_member(settings, "frequency").value_or(watermark.frequency_hz);
    watermark.volume = number_member(settings, "volume").value_or(watermark.volume);
    watermark.duration_s = number_member(settings, "duration").value_or(watermark.duration_s);
    watermark.interval_s = number_member(settings, "interval").value_or(watermark.interval_s);
    audio::check(watermark);
    return watermark;
}

/// Everything that decides how the result sounds, spelled out: equal text, equal result.
std::string describe(const audio::RenderPlan& plan) {
    std::string text = fmt::format("{} {} {} {} {}", audio::name(plan.format), plan.bitrate_bps.value_or(0),
                                   plan.sample_rate_hz.value_or(0), plan.channels.value_or(0),
                                   plan.loudness_lufs.value_or(0));
    if (const auto& mark = plan.watermark)
        text += fmt::format(" {} {} {} {} {}", audio::name(mark->type), mark->frequency_hz, mark->volume,
                            mark->duration_s, mark->interval_s);
    return text;
}

/// transcoded_{YYYYMMDD_HHMMSS}_{8 hex}: the time is the source's where it is known, otherwise it comes from
/// the digest like the hex part, so that the same request always names the same key.
std::string result_name(std::string_view digest, std::size_t part,
                        const std::optional<Time>& source_modified) {
    const auto number = [&](std::size_t at) {
        return std::stoul(std::string(digest.substr(at, 8)), nullptr, 16);
    };
    constexpr long long year_2000 = 946'684'800;
    constexpr long long span_s = 20LL * 365 * 86'400;
    const Time when = source_modified.value_or(
        from_unix_seconds(year_2000 + static_cast<long long>(number(digest.size() - 8)) % span_s));
    std::string stamp = utc_basic_timestamp(when);  // 20261120T151100Z
    stamp[8] = '_';
    stamp.pop_back();
    return fmt::format("transcoded_{}_{}", stamp, digest.substr(part * 8, 8));
}

struct Target {
    storage::Key key;
    bool exists;
};

/// The final key of the render with this digest. The eight digits in a name may collide with another
/// render's; the whole digest in the object's metadata tells, and the next eight digits are taken then.
Target find_target(const Head& find_result, const TranscodeRequest& request, std::string_view digest,
                   const std::optional<Time>& source_modified) {
    for (std::size_t part = 0; part + 1 < digest.size() / 8; ++part) {
        auto key =
            storage::Key::parse(results_folder(request.pitch_id) +
                                result_name(digest, part, source_modified) + '.' + request.target_extension);
        const auto head = find_result(key);
        if (!head) return {std::move(key), false};
        const auto stored = head->attributes.metadata.find(std::string(render_metadata));
        if (stored != head->attributes.metadata.end() && stored->second == digest)
            return {std::move(key), true};
    }
    throw Error(ErrorKind::internal, "No free name was found for the result", std::string(digest));
}

}  // namespace

Transcode::Transcode(storage::ObjectStore& objects, const Sources& sources, const Clock& clock,
                     TranscodeOptions options)
    : objects_(objects), sources_(sources), clock_(clock), options_(std::move(options)) {
    if (!options_.find_result)
        options_.find_result = [&objects](const storage::Key& key) { return objects.head(key); };
}

TranscodeRequest Transcode::parse(const boost::json::object& body) const {
    TranscodeRequest request;
    request.file_url = string_member(body, "file_url").value_or("");
    if (request.file_url.empty()) throw Error(ErrorKind::invalid, "Missing file_url parameter");

    request.target_extension = to_lower(string_member(body, "target_format").value_or("mp3"));
    const auto format = audio::parse_format(request.target_extension);
    if (!format)
        throw Error(ErrorKind::invalid, fmt::format("Unknown target_format '{}'; accepted are {}",
                                                    request.target_extension, audio::accepted_formats()));
    request.plan.format = *format;
    request.target_bitrate = string_member(body, "target_bitrate").value_or("192k");
    request.plan.bitrate_bps = audio::parse_bitrate(request.target_bitrate);
    request.plan.sample_rate_hz = integer_member(body, "sample_rate", 8'000, 192'000);
    request.plan.channels = integer_member(body, "channels", 1, 2);
    request.plan.loudness_lufs = number_member(body, "loudness");

    static const boost::json::object none;
    const boost::json::object* settings = object_member(body, "watermark_settings");
    if (settings == nullptr) settings = &none;
    if (bool_member(body, "apply_watermark").value_or(false))
        request.plan.watermark = parse_watermark(*settings);
    const auto id = [&](std::string_view name) {
        const auto own = id_member(body, name);
        return own ? own : id_member(*settings, name);
    };
    request.pitch_id = id("pitch_id").value_or("unknown");
    request.project_id = id("project_id").value_or("");
    audio::check(request.plan);
    return request;
}

TranscodeResult Transcode::run(const TranscodeRequest& request, const audio::OnProgress& on_progress,
                               std::stop_token stop) {
    return finish(prepare(request, stop), on_progress, stop);
}

Turns::Turn Transcode::take_turn(Turns& turns, Rendering& rendering, const std::stop_token& stop) const {
    if (rendering.exists) return {};
    Turns::Turn turn = turns.take(rendering.key.str(), stop);
    if (turn.has_waited()) rendering = prepare(rendering.request, stop);
    return turn;
}

Rendering Transcode::prepare(const TranscodeRequest& request, const std::stop_token& stop) const {
    OpenSource source = sources_.open(request.file_url, stop);
    const std::string content = source.has_version ? "" : content_digest(*source.bytes, stop);
    std::string digest = aws::sha256_hex(source.identity + content + '\n' + describe(request.plan));
    Target target = find_target(options_.find_result, request, digest, source.modified);
    return {request, std::move(source), std::move(digest), std::move(target.key), target.exists};
}

std::unique_ptr<storage::ObjectWriter> Transcode::create(const Rendering& rendering,
                                                         std::string_view processing_source) const {
    const TranscodeRequest& request = rendering.request;
    return objects_.create(rendering.key,
                           {.content_type = std::string(audio::content_type(request.plan.format)),
                            .metadata = {{"processed_at", utc_timestamp(clock_.now())},
                                         {"original_watermarked", request.plan.watermark ? "true" : "false"},
                                         {"pitch_id", request.pitch_id},
                                         {"project_id", request.project_id},
                                         {"processing_source", std::string(processing_source)},
                                         {std::string(render_metadata), rendering.digest}}});
}

TranscodeResult Transcode::finish(Rendering rendering, const audio::OnProgress& on_progress,
                                  std::stop_token stop) {
    const Turns::Turn turn = take_turn(turns_, rendering, stop);
    for (int round = 0; round < max_rounds; ++round) {
        if (auto result = try_finish(rendering, on_progress, stop)) return std::move(*result);
        rendering = prepare(rendering.request, stop);
    }
    throw Error(ErrorKind::unavailable, "Other renders took the result's name again and again. Try again.");
}

/// Nothing where another render took the name meanwhile.
std::optional<TranscodeResult> Transcode::try_finish(const Rendering& rendering,
                                                     const audio::OnProgress& on_progress,
                                                     const std::stop_token& stop) {
    const TranscodeRequest& request = rendering.request;
    TranscodeResult result;
    result.reused = rendering.exists;
    if (rendering.exists) {
        result.rendered = read_back(rendering, stop);
    } else {
        const auto writer = create(rendering, "fadeout");
        result.rendered =
            audio::render(*rendering.source.bytes, *writer, request.plan, options_.limits, on_progress, stop);
        // Before the commit: no result without its warnings. They are the same for every render of this
        // digest.
        keep_warnings(objects_, warnings_key(request.pitch_id, rendering.digest), result.rendered.warnings);
        try {
            writer->commit(storage::Existing::keep);
        } catch (const Error& error) {
            if (error.kind() == ErrorKind::conflict) return std::nullopt;
            throw;
        }
    }
    result.output_url = objects_.presign(storage::LinkMethod::get, rendering.key, options_.link_expiry, {});
    result.key = rendering.key.str();
    result.storage_provider = objects_.provider();
    result.watermarked = request.plan.watermark.has_value();
    result.target_format = request.target_extension;
    result.target_bitrate = request.target_bitrate;
    return result;
}

audio::RenderResult Transcode::read_back(const Rendering& rendering, const std::stop_token& stop) const {
    audio::RenderResult rendered;
    rendered.input = audio::probe(*rendering.source.bytes, options_.limits);
    if (const auto stored = objects_.open(rendering.key)) {
        rendered.output = audio::measure(*stored, options_.limits, stop);
        rendered.output_bytes = stored->head().info.size_bytes;
        // A render is as long as its source.
        if (rendered.input.duration_is_estimated) rendered.input.duration_s = rendered.output.duration_s;
    }
    rendered.warnings = warnings(rendering);
    return rendered;
}

std::vector<std::string> Transcode::warnings(const Rendering& rendering) const {
    const auto key = warnings_key(rendering.request.pitch_id, rendering.digest);
    // Looked for as the result was, which they were written with: also while one of two stores is away.
    if (!options_.find_result(key)) return {};
    return kept_warnings(objects_, key);
}

JobType transcode_job(Transcode& transcode) {
    return {.name = "transcode",
            .check = [&transcode](const boost::json::object& body) { transcode.parse(body); },
            .run =
                [&transcode](const jobs::Job&, const boost::json::object& body,
                             const audio::OnProgress& on_progress, std::stop_token stop) {
                    return to_json(transcode.run(transcode.parse(body), on_progress, std::move(stop)));
                }};
}

boost::json::object to_json(const audio::MediaInfo& info) {
    return {{"duration", info.duration_s},
            {"bitrate", info.bitrate_bps},
            {"codec", info.codec},
            {"sample_rate", info.sample_rate_hz},
            {"channels", info.channels}};
}

boost::json::object to_json(const audio::Watermark& watermark) {
    return {{"type", audio::name(watermark.type)},
            {"frequency", watermark.frequency_hz},
            {"volume", watermark.volume},
            {"duration", watermark.duration_s},
            {"interval", watermark.interval_s}};
}

boost::json::object to_json(const TranscodeResult& result) {
    boost::json::object answer{{"success", true},
                               {"output_url", result.output_url},
                               {"s3_key", result.key},
                               {"direct_upload", true},
                               {"storage_provider", result.storage_provider},
                               {"input_info", to_json(result.rendered.input)},
                               {"output_info", to_json(result.rendered.output)},
                               {"watermarked", result.watermarked},
                               {"processing_details",
                                {{"target_format", result.target_format},
                                 {"target_bitrate", result.target_bitrate},
                                 {"watermark_applied", result.watermarked}}}};
    if (result.reused) answer["reused"] = true;
    if (!result.rendered.warnings.empty())
        answer["warnings"] =
            boost::json::array(result.rendered.warnings.begin(), result.rendered.warnings.end());
    return answer;
}

}  // namespace fadeout::service
