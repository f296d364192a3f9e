#include "cli/media.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/text.h"

namespace fadeout::cli {

namespace {

/// Runs `open`; an Error out of it begins with `name`, which the person at the keyboard gave.
template <class Open>
auto naming(const std::string& name, Open open) {
    try {
        return open();
    } catch (const Error& error) {
        throw Error(error.kind(), name + ": " + error.what(), error.detail());
    }
}

}  // namespace

MediaInput::MediaInput(const std::string& name, const Invocation& invocation, std::stop_token stop) {
    if (is_web_url(name)) {
        services_ = invocation.program.open_media(invocation.settings());
        bytes_ = services_->sources.open(name, std::move(stop)).bytes;
    } else {
        bytes_ = naming(name, [&] { return open_input(name, std::move(stop)); });
    }
}

std::size_t MediaInput::read_at(std::uint64_t offset, std::span<std::byte> out) {
    const std::size_t n = bytes_->read_at(offset, out);
    const auto size = bytes_->size();
    if (progress_ != nullptr && size && *size > 0)
        progress_->fraction(static_cast<double>(offset + n) / static_cast<double>(*size));
    return n;
}

std::unique_ptr<OutputFile> open_media_output(const std::string& name) {
    return naming(name, [&] { return open_output(name); });
}

audio::Limits media_limits(const config::Settings& settings) {
    return {.input_bytes = settings.limits.input_bytes,
            .duration = settings.limits.duration,
            .allocation_bytes = settings.limits.allocation_bytes};
}

audio::Format choose_format(const std::string& flag, const std::string& out, audio::Format otherwise) {
    std::string word = flag;
    if (word.empty() && out != "-") {
        const std::string extension = std::filesystem::path(out).extension().string();
        word = extension.empty() ? "" : extension.substr(1);
        if (word.empty() && !std::filesystem::exists(out))
            throw Error(ErrorKind::invalid,
                        fmt::format("{} has no extension to tell the format; add --format with one of "
                                    "{}.",
                                    out, audio::accepted_formats()));
    }
    if (word.empty()) return otherwise;
    if (const auto format = audio::parse_format(word)) return *format;
    throw Error(ErrorKind::invalid,
                fmt::format("Unknown format \"{}\"; accepted are {}.", word, audio::accepted_formats()));
}

}  // namespace fadeout::cli
