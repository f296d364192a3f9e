#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "cli/command.h"

namespace fadeout::cli {

/// --format, whose help says what is taken `otherwise`.
Argument format_argument(decltype(Argument::target) target, std::string_view otherwise);

/// --watermark, to be read by parse_watermark().
Argument watermark_argument(std::optional<std::string>* target);

}  // namespace fadeout::cli
