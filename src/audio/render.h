#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "audio/watermark.h"
#include "base/byte_stream.h"
#include "base/clock.h"

namespace fadeout::audio {

enum class Format { mp3, m4a, opus, flac, wav };

/// "mp3", "m4a" (also "aac", "mp4"), "opus" (also "ogg"), "flac", "wav"; case does not matter.
std::optional<Format> parse_format(std::string_view text) noexcept;
std::string_view name(Format format) noexcept;
std::string_view content_type(Format format) noexcept;
/// For error messages: "mp3, m4a, aac, ogg, opus, flac, wav".
std::string_view accepted_formats() noexcept;

/// "192k", "128000", "128 kbps" -> bits per second; Error(invalid) naming the accepted values otherwise.
int parse_bitrate(std::string_view text);

/// What to make of a source. Empty members mean: as the source has it, or the format's default.
struct RenderPlan {
    Format format = Format::mp3;
    std::optional<int> bitrate_bps;     ///< not for flac and wav, which ignore it
    std::optional<int> sample_rate_hz;  ///< 8,000 to 192,000; one that the format cannot hold is refused
    std::optional<int> channels;        ///< 1 or 2
    std::optional<Watermark> watermark;
    /// Integrated loudness after EBU R 128, -70 to -5; true peak kept below -1 dBTP. Needs a source that can
    /// be read twice.
    std::optional<double> loudness_lufs;
};

/// Throws Error(invalid) with the accepted values where the plan names what the format cannot hold.
void check(const RenderPlan& plan);

/// Bounds on untrusted input. Beyond one: Error(too_large).
struct Limits {
    std::uint64_t input_bytes = 4ULL << 30;
    Duration duration{std::chrono::hours(12)};     ///< of decoded audio
    std::uint64_t decoded_bytes = 16ULL << 30;     ///< of decoded PCM: 71 KB of silent FLAC hold gigabytes
    std::uint64_t allocation_bytes = 64ULL << 20;  ///< largest single allocation inside libav
};

/// What a file is, as input_info and output_info of POST /transcode tell it.
struct MediaInfo {
    double duration_s = 0;
    bool duration_is_estimated =
        false;  ///< it may be far off: the source itself does not tell, see measure()
    long long bitrate_bps = 0;
    std::string codec;  ///< libav's name: "mp3", "pcm_s16le", "aac", "opus", "flac", "vorbis"
    int sample_rate_hz = 0;
    int channels = 0;
};

struct RenderResult {
    MediaInfo input;
    MediaInfo output;
    std::uint64_t output_bytes = 0;
    std::vector<std::string> warnings;  ///< damage that was decoded over, for the answer's "warnings"
};

/// Hears how far a long work is, 0 to 1, now and then, on the calling thread.
using OnProgress = std::function<void(double fraction)>;

/// Decodes `source`, applies the plan's steps and writes the result to `sink`, streaming: memory does not
/// depend on the duration. Touches nothing but its two arguments: no file, no network. On Error what went to
/// the sink is to be thrown away. Errors: unprocessable (not audio, damaged, shorter than it claims),
/// too_large, invalid (the plan), cancelled (stop), whatever source and sink throw.
RenderResult render(ByteSource& source, ByteSink& sink, const RenderPlan& plan, const Limits& limits,
                    const OnProgress& on_progress, std::stop_token stop);

/// Reads as little as it can. Same errors as render().
MediaInfo probe(ByteSource& source, const Limits& limits);

/// The same, with a duration that is never estimated: a source that does not tell it is decoded to its end.
/// Same errors as render().
MediaInfo measure(ByteSource& source, const Limits& limits, const std::stop_token& stop);

}  // namespace fadeout::audio
