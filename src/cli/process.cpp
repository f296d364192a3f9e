#include "service/process.h"

#include <fmt/format.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/interruption.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/render_arguments.h"
#include "cli/watermark_option.h"

namespace fadeout::cli {

namespace {

struct Options {
    std::string source, pitch_id, project_id;
    std::optional<std::string> format, bitrate, watermark;

    /// The body of a process job.
    boost::json::object body() const {
        boost::json::object out{{"source", source}, {"pitch_id", pitch_id}, {"project_id", project_id}};
        if (format) out["target_format"] = *format;
        if (bitrate) out["target_bitrate"] = *bitrate;
        if (watermark) out["watermark"] = service::to_json(parse_watermark(*watermark));
        return out;
    }
};

std::vector<std::string_view> process_settings() {
    std::vector<std::string_view> settings = state_settings;
    settings.insert(settings.end(), {"processor", "limits", "source", "cleanup", "log"});
    return settings;
}

int process(const Options& options, const Invocation& invocation) {
    const boost::json::object body = options.body();
    const Interruption interruption;
    const auto services = invocation.program.open_services(invocation.settings());
    const service::TranscodeRequest request = services->process.parse(body);
    service::ProcessResult result = [&] {
        Progress progress;
        return services->process.run(
            request, [&](double done) { progress.fraction(done); }, interruption.token());
    }();
    if (invocation.json)
        print_json(service::to_json(result));
    else
        print(fmt::format("{}: {}, {}{} in {:.1f} s\n", result.output.str(),
                          format_bytes(result.output_bytes), service::name(result.method),
                          result.reused ? ", was there already" : "",
                          std::chrono::duration<double>(result.time).count()));
    return exit_ok;
}

}  // namespace

Command process_command() {
    const auto options = std::make_shared<Options>();
    return {
        .name = "process",
        .summary = "Make an original's processed version in the store",
        .details =
            "Examples:\n"
            "  fadeout process pitches/7/song.wav --pitch-id 7\n"
            "  fadeout process https://example.com/song.wav --pitch-id 7 --format flac --json\n"
            "  fadeout process pitches/7/song.wav --pitch-id 7 --watermark interval=30\n"
            "The result lies once under pitches/ID/processed/; the original stays as it is. With "
            "--processor-url a "
            "remote function renders it; where that fails it is rendered here. The clean-up of what the "
            "function "
            "left behind is queued, and run by a serve or worker on the same state. It does now what a job "
            "of "
            "type process does.",
        .arguments =
            {{"SOURCE", "Key of an original in the store, or an http(s) URL", &options->source, "", true, {}},
             {"--pitch-id", "Pitch whose folder the result goes to", &options->pitch_id, "ID", true, {}},
             {"--project-id", "Kept in the result's metadata", &options->project_id, "ID", false, {}},
             format_argument(&options->format, "mp3"),
             {"--bitrate", "Such as 192k, which is the default", &options->bitrate, "RATE", false, {}},
             watermark_argument(&options->watermark)},
        .settings = process_settings(),
        .has_json = true,
        .run = [options](const Invocation& invocation) { return process(*options, invocation); }};
}

}  // namespace fadeout::cli
