#include "service/waveform.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "base/error.h"
#include "service/fields.h"
#include "service/json_text.h"

namespace fadeout::service {

namespace {

constexpr int max_peaks = 10'000;

WaveformFormat parse_format(std::string_view text) {
    if (text == "peaks" || text == "json") return WaveformFormat::peaks;
    if (text == "audiowaveform") return WaveformFormat::audiowaveform;
    if (text == "dat") return WaveformFormat::dat;
    throw Error(ErrorKind::invalid,
                fmt::format("Unknown format '{}'; accepted are peaks, audiowaveform, dat", text));
}

std::string to_json(const audio::Peaks& peaks) {
    boost::json::array pairs;
    pairs.reserve(peaks.maxima.size());
    for (const float maximum : peaks.maxima) pairs.push_back(boost::json::array{-maximum, maximum});
    return json_text(boost::json::object{{"duration", peaks.duration_s}, {"peaks", std::move(pairs)}});
}

}  // namespace

WaveformRequest parse_waveform_request(const boost::json::object& body) {
    WaveformRequest request;
    request.file_url = string_member(body, "file_url").value_or("");
    if (request.file_url.empty()) throw Error(ErrorKind::invalid, "Missing file_url parameter");
    request.peaks_count = integer_member(body, "peaks_count", 1, max_peaks).value_or(request.peaks_count);
    if (const auto format = string_member(body, "format")) request.format = parse_format(*format);
    auto& options = request.audiowaveform;
    options.samples_per_pixel =
        integer_member(body, "samples_per_pixel", 2, 1'000'000).value_or(options.samples_per_pixel);
    options.bits = integer_member(body, "bits", 8, 16).value_or(options.bits);
    if (options.bits != 8 && options.bits != 16) throw Error(ErrorKind::invalid, "bits must be 8 or 16");
    return request;
}

WaveformBody waveform(ByteSource& source, const WaveformRequest& request, const audio::Limits& limits,
                      std::stop_token stop) {
    if (request.format == WaveformFormat::peaks)
        return {"application/json",
                to_json(audio::peaks(source, request.peaks_count, limits, std::move(stop)))};
    const auto data = audio::audiowaveform(source, request.audiowaveform, limits, std::move(stop));
    if (request.format == WaveformFormat::dat) return {"application/octet-stream", audio::to_dat(data)};
    return {"application/json", audio::to_json(data)};
}

}  // namespace fadeout::service
