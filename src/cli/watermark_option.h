#pragma once
#include <string_view>

#include "audio/watermark.h"

namespace fadeout::cli {

/// "type=periodic_tone,frequency=1000,volume=0.1,duration=0.5,interval=30"; what is left out has its default.
/// Error(invalid) for an unknown or repeated name, for what is not a number, and as audio::check().
audio::Watermark parse_watermark(std::string_view text);

}  // namespace fadeout::cli
