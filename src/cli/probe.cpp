#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/interruption.h"
#include "cli/media.h"
#include "cli/output.h"
#include "service/transcode.h"

namespace fadeout::cli {

Command probe_command() {
    const auto in = std::make_shared<std::string>();
    return {.name = "probe",
            .summary = "Tell what an audio file is",
            .details =
                "Examples:\n"
                "  fadeout probe song.mp3\n"
                "  fadeout probe https://example.com/song.wav --json",
            .arguments = {{"IN", "A file, - for standard input, or an http(s) URL", in.get(), "", true, {}}},
            .settings = {"limits", "source"},
            .has_json = true,
            .run = [in](const Invocation& invocation) {
                const Interruption interruption;
                MediaInput source(*in, invocation, interruption.token());
                const audio::MediaInfo info =
                    audio::measure(source, media_limits(invocation.settings()), interruption.token());
                if (invocation.json)
                    print_json(service::to_json(info));
                else
                    print(fmt::format(
                        "duration     {:.3f} s\ncodec        {}\nbitrate      {} bit/s\nsample rate  {} Hz\n"
                        "channels     {}\n",
                        info.duration_s, info.codec, info.bitrate_bps, info.sample_rate_hz, info.channels));
                return exit_ok;
            }};
}

}  // namespace fadeout::cli
