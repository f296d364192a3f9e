#pragma once
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "audio/render.h"
#include "base/byte_stream.h"

namespace fadeout::audio {

/// `peaks_count` values for a player's waveform: value i is max |sample| over bin i and over all
/// channels, 0 to 1 (what is beyond full scale counts as 1). Every sample lies in exactly one bin. Bin i
/// covers samples [floor(i*N/count), floor((i+1)*N/count)) of N, exactly where the source tells its
/// length to the sample (WAV, FLAC, ...) or N is up to 2^20; otherwise an edge between two bins may be off
/// by about N/2^20 samples. Of more bins than samples some have none, and are 0.
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

/// BBC audiowaveform data: minimum and maximum of each block of samples_per_pixel samples, the last one
/// possibly shorter, of all channels mixed into one as that program does by default: the mean of the
/// channels' 16-bit samples, towards zero. With 8 bits a value is the 16-bit one divided by 256, towards
/// zero. Format: bbc/audiowaveform doc/DataFormat.md.
struct Audiowaveform {
    int sample_rate_hz = 0;
    int samples_per_pixel = 0;
    int bits = 16;
    std::vector<std::int16_t> min_max;  ///< min, max, min, max, ...
};

/// One streaming pass. Error(invalid) for options out of range, Error(too_large) for more than 4,000,000
/// blocks, otherwise as render().
Audiowaveform audiowaveform(ByteSource& source, const AudiowaveformOptions& options, const Limits& limits,
                            std::stop_token stop);

/// {"version":2,"channels":1,"sample_rate","samples_per_pixel","bits","length","data":[min,max,...]}
std::string to_json(const Audiowaveform& data);
/// Version 1. All little endian: i32 version, u32 flags (1: 8 bits), i32 sample rate, i32 samples per pixel,
/// u32 length in pixels; at byte 20 min and max of each pixel as i16 or i8.
std::string to_dat(const Audiowaveform& data);

}  // namespace fadeout::audio
