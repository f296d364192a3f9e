#pragma once
#include "audio/render.h"

namespace fadeout::audio {

/// What the result will be like: the plan's wishes, and the source's own values or sensible ones where it has
/// none.
struct OutputSpec {
    Format format = Format::mp3;
    int sample_rate_hz = 0;
    int channels = 0;
    int bits_per_sample = 16;   ///< 16 or 24; of flac and wav
    long long bitrate_bps = 0;  ///< of mp3, m4a and opus; 0 of flac and wav

    bool operator==(const OutputSpec&) const = default;
};

/// The rate is the source's where the format holds it, otherwise one that divides it evenly, otherwise the
/// next higher one; an MP3 bit rate that the source's rate cannot have moves it to one that can. More than
/// two channels become two in mp3, m4a and opus, and stay in flac and wav. Error(invalid) as check().
OutputSpec choose_output(const RenderPlan& plan, const MediaInfo& source, int source_bits_per_sample);

}  // namespace fadeout::audio
