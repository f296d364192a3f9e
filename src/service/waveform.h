#pragma once
#include <boost/json/object.hpp>
#include <stop_token>
#include <string>

#include "audio/waveform.h"
#include "service/sources.h"

namespace fadeout::service {

enum class WaveformFormat { peaks, audiowaveform, dat };

struct WaveformRequest {
    std::string file_url;
    int peaks_count = 200;
    WaveformFormat format = WaveformFormat::peaks;
    audio::AudiowaveformOptions audiowaveform;
};

struct WaveformBody {
    std::string content_type;  ///< "application/json" or "application/octet-stream"
    std::string body;
};

/// The body of POST /waveform. Error(invalid) says which member is wrong and what it accepts.
WaveformRequest parse_waveform_request(const boost::json::object& body);
WaveformBody waveform(ByteSource& source, const WaveformRequest& request, const audio::Limits& limits,
                      std::stop_token stop);

}  // namespace fadeout::service
