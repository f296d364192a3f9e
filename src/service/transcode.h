#pragma once
#include <boost/json/object.hpp>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "audio/render.h"
#include "service/job_type.h"
#include "service/sources.h"
#include "service/turns.h"

namespace fadeout::service {

struct TranscodeRequest {
    std::string file_url;
    audio::RenderPlan plan;
    std::string project_id;  ///< may be empty
    std::string pitch_id;    ///< names the folder; [A-Za-z0-9_-]{1,64}
    std::string
        target_extension;  ///< as asked: the key ends in it ("aac" and "ogg" are spellings of m4a and opus)
    std::string target_bitrate;  ///< as asked
};

struct TranscodeResult {
    std::string output_url;
    std::string key;
    std::string storage_provider;
    bool watermarked = false;
    bool reused = false;  ///< the same source with the same settings was there already
    std::string target_format, target_bitrate;
    audio::RenderResult rendered;
};

/// A request with its source open and its final key known.
struct Rendering {
    TranscodeRequest request;
    OpenSource source;
    std::string digest;  ///< of the source's identity and the settings, SHA-256 in hex
    storage::Key key;    ///< the final one
    bool exists;         ///< the result is there already
};

/// ObjectStore::head(), or what serves for it.
using Head = std::function<std::optional<storage::ObjectHead>(const storage::Key&)>;

struct TranscodeOptions {
    Duration link_expiry{std::chrono::seconds(600)};
    audio::Limits limits;
    /// Looks whether a result, or what belongs to it, is there. A result that it misses is rendered once
    /// more, and still not replaced. Null: the store's head().
    Head find_result{};
};

/// Renders a source once, straight to its final key pitches/{pitch_id}/processed/transcoded_{...}.{format}. A
/// result that is there is never replaced: where another node was first with the same render its object is
/// the answer, and a render of something else that took the name makes this one take the next.
class Transcode {
  public:
    Transcode(storage::ObjectStore& objects, const Sources& sources, const Clock& clock,
              TranscodeOptions options);

    /// The body of POST /transcode. Error(invalid) says which member is wrong and what it accepts.
    TranscodeRequest parse(const boost::json::object& body) const;
    TranscodeResult run(const TranscodeRequest& request, const audio::OnProgress& on_progress,
                        std::stop_token stop);

    // The steps of run(), for those who render in another way.
    /// Opens the source, and looks whether the result is there. Reads a source without a version to its end,
    /// as what is made of it is found again by its content.
    Rendering prepare(const TranscodeRequest& request, const std::stop_token& stop) const;
    /// Waits until nobody else has the same rendering in `turns`, and prepares it anew where that took time.
    /// Takes nothing where the result is there.
    Turns::Turn take_turn(Turns& turns, Rendering& rendering, const std::stop_token& stop) const;
    /// A writer on the final key, with the metadata by which prepare() finds the result again.
    /// `processing_source` tells who rendered it: "fadeout".
    std::unique_ptr<storage::ObjectWriter> create(const Rendering& rendering,
                                                  std::string_view processing_source) const;
    /// Waits while the same rendering is under way in this process, so that it is found and not done twice.
    TranscodeResult finish(Rendering rendering, const audio::OnProgress& on_progress, std::stop_token stop);
    /// What fadeout's render warned of that made the existing result.
    std::vector<std::string> warnings(const Rendering& rendering) const;
    const audio::Limits& limits() const noexcept { return options_.limits; }

  private:
    std::optional<TranscodeResult> try_finish(const Rendering& rendering,
                                              const audio::OnProgress& on_progress,
                                              const std::stop_token& stop);
    /// What can be told of a result that exists.
    audio::RenderResult read_back(const Rendering& rendering, const std::stop_token& stop) const;

    storage::ObjectStore& objects_;
    const Sources& sources_;
    const Clock& clock_;
    TranscodeOptions options_;
    Turns turns_;  ///< by final key
};

/// Jobs of type "transcode". `transcode` must outlive it.
JobType transcode_job(Transcode& transcode);

boost::json::object to_json(const TranscodeResult& result);
boost::json::object to_json(const audio::MediaInfo& info);
/// The `watermark_settings` that parse() reads back.
boost::json::object to_json(const audio::Watermark& watermark);

}  // namespace fadeout::service
