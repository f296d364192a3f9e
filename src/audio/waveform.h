#pragma once
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "audio/render.h"
#include "base/byte_stream.h"

namespace fadeout::audio {

/// `peaks_count` values for a player's waveform: value i is max |sample| over bin i and over all channels, 0 to 1.
/// Every sample lies in exactly one bin; bin i covers samples [i*N/count, (i+1)*N/count).
struct Peaks {
    double duration_s = 0;
    std::vector<float> maxima;
};

/// One streaming pass; memory does not depend on the duration. count: 1 to 10,000, otherwise Error(invalid).
/// Errors as render().
Peaks peaks(ByteSource& source, int count, const Limits& limits, std::stop_token stop);

struct AudiowaveformOptions {
    int samples_per_pixel = 256;  ///< 2 to 1,000,000
    int bits = 16;                ///< 8 or 16
};

/// BBC audiowaveform data: minimum and maximum of each block of samples_per_pixel samples, of all channels mixed
/// into one as that program does by default. Format: bbc/audiowaveform doc/DataFormat.md.
struct Audiowaveform {
    int sample_rate_hz = 0;
    int samples_per_pixel = 0;
    int bits = 16;
    std::vector<std::int16_t> min_max;  ///< min, max, min, max, ...
};

Audiowaveform audiowaveform(ByteSource& source, const AudiowaveformOptions& options, const Limits& limits,
                            std::stop_token stop);
std::string to_json(const Audiowaveform& data);  ///< version 2
std::string to_dat(const Audiowaveform& data);   ///< version 1: 20-byte header, little endian

}  // namespace fadeout::audio
