#pragma once
#include <cstdint>

namespace fadeout::audio::libav {

/// libav reports some damage (a corrupt MP3 granule, say) only in its log. Nothing is printed; errors that a
/// codec logs are counted in the std::uint64_t to which its context's `opaque` points, where it is set.
void capture_log();

}  // namespace fadeout::audio::libav
