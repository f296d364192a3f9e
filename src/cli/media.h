#pragma once
#include <memory>
#include <stop_token>
#include <string>

#include "audio/render.h"
#include "base/byte_stream.h"
#include "base/file.h"
#include "cli/command.h"
#include "cli/progress.h"

namespace fadeout::cli {

/// What IN names: a file, "-" for standard input, or an http(s) URL. Errors name it.
class MediaInput final : public ByteSource {
  public:
    MediaInput(const std::string& name, const Invocation& invocation, std::stop_token stop);

    std::optional<std::uint64_t> size() const override { return bytes_->size(); }
    std::size_t read_at(std::uint64_t offset, std::span<std::byte> out) override;
    bool seekable() const override { return bytes_->seekable(); }

    /// Tells `progress` how much of the input was read, as a share of the whole; for work that has no
    /// progress of its own.
    void show_reading(Progress& progress) { progress_ = &progress; }

  private:
    std::shared_ptr<service::Services> services_;  ///< only for a URL; outlives bytes_
    std::unique_ptr<ByteSource> bytes_;
    Progress* progress_ = nullptr;
};

/// What OUT names: a file or "-". Errors name it.
std::unique_ptr<OutputFile> open_media_output(const std::string& name);

audio::Limits media_limits(const config::Settings& settings);

/// The format that --format names, else that of the extension of `out`, else `otherwise`. Error(invalid)
/// naming the accepted ones.
audio::Format choose_format(const std::string& flag, const std::string& out, audio::Format otherwise);

}  // namespace fadeout::cli
