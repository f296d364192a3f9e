#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/interruption.h"
#include "cli/media.h"
#include "cli/output.h"
#include "cli/render_arguments.h"
#include "cli/watermark_option.h"
#include "service/transcode.h"

namespace fadeout::cli {

namespace {

struct Options {
    std::string in, out, format;
    std::optional<std::string> bitrate, watermark;
    std::optional<int> sample_rate, channels, threads;
    std::optional<double> loudness;

    audio::RenderPlan plan() const {
        audio::RenderPlan plan;
        plan.format = choose_format(format, out, audio::Format::mp3);
        if (bitrate) plan.bitrate_bps = audio::parse_bitrate(*bitrate);
        plan.sample_rate_hz = sample_rate;
        plan.channels = channels;
        plan.loudness_lufs = loudness;
        if (watermark) plan.watermark = parse_watermark(*watermark);
        audio::check(plan);
        if (threads && *threads < 1) throw Error(ErrorKind::invalid, "--threads must be at least 1.");
        return plan;
    }
};

void print_result(const audio::RenderResult& result, const std::string& out, Seconds elapsed) {
    const audio::MediaInfo& info = result.output;
    print(fmt::format("{}: {:.3f} s of {}, {} Hz, {} channel{}, {} kbit/s, {} ({:.1f}x real time)\n", out,
                      info.duration_s, info.codec, info.sample_rate_hz, info.channels,
                      info.channels == 1 ? "" : "s", (info.bitrate_bps + 500) / 1000,
                      format_bytes(result.output_bytes), info.duration_s / std::max(elapsed.count(), 1e-6)));
}

boost::json::object result_json(const audio::RenderResult& result) {
    boost::json::object answer{{"input_info", service::to_json(result.input)},
                               {"output_info", service::to_json(result.output)},
                               {"output_bytes", result.output_bytes}};
    if (!result.warnings.empty())
        answer["warnings"] = boost::json::array(result.warnings.begin(), result.warnings.end());
    return answer;
}

int transcode(const Options& options, const Invocation& invocation) {
    if (invocation.json && options.out == "-")
        throw Error(ErrorKind::invalid,
                    "--json and the audio cannot both go to standard output. Name an output file.");
    const audio::RenderPlan plan = options.plan();
    const audio::Limits limits = media_limits(invocation.settings());
    const Interruption interruption;
    MediaInput source(options.in, invocation, interruption.token());
    const auto sink = open_media_output(options.out);
    audio::RenderResult result;
    Seconds elapsed{};
    {
        Progress progress;
        if (progress.is_shown() && source.seekable())
            progress.set_media_duration(audio::probe(source, limits).duration_s);
        result = audio::render(
            source, *sink, plan, limits, [&](double done) { progress.fraction(done); }, interruption.token());
        sink->commit();
        elapsed = progress.elapsed();
    }
    for (const std::string& warning : result.warnings) complain("warning: " + warning);
    if (invocation.json)
        print_json(result_json(result));
    else if (options.out != "-")
        print_result(result, options.out, elapsed);
    return exit_ok;
}

}  // namespace

Command transcode_command() {
    const auto options = std::make_shared<Options>();
    return {
        .name = "transcode",
        .summary = "Convert audio: mp3, m4a, opus, flac, wav",
        .details =
            "Examples:\n"
            "  fadeout transcode song.wav song.mp3 --bitrate 192k\n"
            "  fadeout transcode song.flac song.opus --loudness -16\n"
            "  fadeout transcode https://example.com/song.wav - --format mp3 > song.mp3\n"
            "  fadeout transcode song.wav demo.mp3 --watermark type=periodic_tone,volume=0.1,interval=30\n"
            "OUT appears whole or not at all; a file of that name is replaced.",
        .arguments =
            {{"IN", "A file, - for standard input, or an http(s) URL", &options->in, "", true, {}},
             {"OUT", "A file, or - for standard output", &options->out, "", true, {}},
             format_argument(&options->format, "OUT's extension"),
             {"--bitrate", "Such as 192k; for mp3, m4a and opus", &options->bitrate, "RATE", false, {}},
             {"--sample-rate",
              "In Hz; otherwise as the source has it",
              &options->sample_rate,
              "HZ",
              false,
              {}},
             {"--channels", "1 or 2; otherwise as the source has it", &options->channels, "N", false, {}},
             {"--threads",
              "Use at most N threads to encode; one encoder runs so far, so any N is met",
              &options->threads,
              "N",
              false,
              {}},
             {"--loudness",
              "Bring it to this integrated loudness (EBU R 128), -70 to -5",
              &options->loudness,
              "LUFS",
              false,
              {}},
             watermark_argument(&options->watermark)},
        .settings = {"limits", "source"},
        .has_json = true,
        .run = [options](const Invocation& invocation) { return transcode(*options, invocation); }};
}

}  // namespace fadeout::cli
