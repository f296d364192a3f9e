#include "cli/watermark_option.h"

#include <fmt/format.h>

#include <charconv>
#include <set>

#include "base/error.h"
#include "base/text.h"

namespace fadeout::cli {

namespace {

const std::vector<std::string> names = {"type", "frequency", "volume", "duration", "interval"};

double number(std::string_view name, std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size())
        throw Error(ErrorKind::invalid, fmt::format("--watermark: {} = \"{}\" is not a number.", name, text));
    return value;
}

[[noreturn]] void refuse_name(std::string_view name) {
    const auto near = nearest(name, names);
    throw Error(
        ErrorKind::invalid,
        fmt::format(
            "--watermark: \"{}\" is unknown.{} Known are type, frequency, volume, duration, interval.", name,
            near ? fmt::format(" Did you mean \"{}\"?", *near) : ""));
}

}  // namespace

audio::Watermark parse_watermark(std::string_view text) {
    audio::Watermark mark;
    std::set<std::string_view> seen;
    for (const std::string_view pair : split(text, ',')) {
        const std::size_t equals = pair.find('=');
        const std::string_view name = trim(pair.substr(0, equals));
        if (equals == std::string_view::npos)
            throw Error(ErrorKind::invalid,
                        fmt::format("--watermark: \"{}\" must be NAME=VALUE, such as interval=30.", pair));
        const std::string_view value = trim(pair.substr(equals + 1));
        if (!seen.insert(name).second)
            throw Error(ErrorKind::invalid, fmt::format("--watermark: {} is given twice.", name));
        if (name == "type")
            mark.type = audio::parse_watermark_type(value);
        else if (name == "frequency")
            mark.frequency_hz = number(name, value);
        else if (name == "volume")
            mark.volume = number(name, value);
        else if (name == "duration")
            mark.duration_s = number(name, value);
        else if (name == "interval")
            mark.interval_s = number(name, value);
        else
            refuse_name(name);
    }
    audio::check(mark);
    return mark;
}

}  // namespace fadeout::cli
