#include "cli/render_arguments.h"

#include <fmt/format.h>

namespace fadeout::cli {

Argument format_argument(decltype(Argument::target) target, std::string_view otherwise) {
    return {.name = "--format",
            .help = fmt::format("mp3, m4a, aac, opus, ogg, flac or wav; otherwise {}", otherwise),
            .target = target,
            .value_name = "FORMAT"};
}

Argument watermark_argument(std::optional<std::string>* target) {
    return {.name = "--watermark",
            .help =
                "NAME=VALUE,... of type (periodic_tone, white_noise, pink_noise), frequency, volume, "
                "duration, interval",
            .target = target,
            .value_name = "LIST"};
}

}  // namespace fadeout::cli
