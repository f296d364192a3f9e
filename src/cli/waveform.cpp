#include "service/waveform.h"

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/interruption.h"
#include "cli/media.h"
#include "cli/output.h"

namespace fadeout::cli {

namespace {

struct Options {
    std::string in, format = "peaks";
    std::optional<int> peaks, samples_per_pixel, bits;

    service::WaveformRequest request() const {
        boost::json::object body{{"file_url", in}, {"format", format}};
        if (peaks) body["peaks_count"] = *peaks;
        if (samples_per_pixel) body["samples_per_pixel"] = *samples_per_pixel;
        if (bits) body["bits"] = *bits;
        return service::parse_waveform_request(body);
    }
};

int waveform(const Options& options, const Invocation& invocation) {
    const service::WaveformRequest request = options.request();
    const Interruption interruption;
    MediaInput source(options.in, invocation, interruption.token());
    service::WaveformBody answer;
    {
        Progress progress;
        source.show_reading(progress);
        answer =
            service::waveform(source, request, media_limits(invocation.settings()), interruption.token());
    }
    print(answer.body);
    if (request.format != service::WaveformFormat::dat) print("\n");
    return exit_ok;
}

}  // namespace

Command waveform_command() {
    const auto options = std::make_shared<Options>();
    return {.name = "waveform",
            .summary = "Print the peaks of audio for a player",
            .details =
                "Examples:\n"
                "  fadeout waveform song.mp3\n"
                "  fadeout waveform song.mp3 --peaks 1000\n"
                "  fadeout waveform song.mp3 --format dat --samples-per-pixel 512 --bits 8 > song.dat\n"
                "peaks is {\"duration\", \"peaks\": [[-m, m], ...]}; audiowaveform and dat are the formats "
                "of the BBC's "
                "program of that name.",
            .arguments =
                {{"IN", "A file, - for standard input, or an http(s) URL", &options->in, "", true, {}},
                 {"--peaks", "How many peaks, 1 to 10000; otherwise 200", &options->peaks, "N", false, {}},
                 {"--format",
                  "peaks, audiowaveform or dat",
                  &options->format,
                  "FORMAT",
                  false,
                  {"peaks", "json", "audiowaveform", "dat"}},
                 {"--samples-per-pixel",
                  "Of audiowaveform and dat; otherwise 256",
                  &options->samples_per_pixel,
                  "N",
                  false,
                  {}},
                 {"--bits", "Of audiowaveform and dat: 8 or 16", &options->bits, "N", false, {}}},
            .settings = {"limits", "source"},
            .has_json = true,
            .run = [options](const Invocation& invocation) { return waveform(*options, invocation); }};
}

}  // namespace fadeout::cli
