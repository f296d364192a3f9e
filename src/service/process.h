#pragma once
#include <boost/json/object.hpp>
#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/log_line.h"
#include "service/job_type.h"
#include "service/remote_processor.h"
#include "service/transcode.h"
#include "service/turns.h"

namespace fadeout::service {

enum class ProcessingMethod {
    direct,      ///< a remote function wrote the result to its final key
    aws_lambda,  ///< a remote function rendered it, fadeout stored it
    local,       ///< rendered in process, or there already
};

/// The `result` of a "process" job.
struct ProcessResult {
    bool watermarked = false;
    bool reused = false;  ///< the same source with the same settings was there already
    storage::Key output;
    std::uint64_t output_bytes = 0;
    std::string original_format;  ///< "wav": the source's extension where it is one of audio, else its codec
    std::string target_format, target_bitrate;
    ProcessingMethod method = ProcessingMethod::local;
    Duration time{};
    std::vector<std::string> warnings{};  ///< of fadeout's render: what was damaged or left out
};

/// Makes an original's processed version, once, at a final key under pitches/{pitch_id}/processed/: by the
/// remote function where there is one, and in process where there is none or where it fails. The original
/// stays as it is.
class Process {
  public:
    /// `remote`: null for none. Whatever is referred to must outlive this.
    Process(storage::ObjectStore& objects, Transcode& transcode, RemoteProcessor* remote, const Clock& clock,
            LogLine log);

    /// {"source"*: key or URL, "pitch_id"*, "project_id", "target_format", "target_bitrate", "watermark":
    /// {...}}. Error(invalid) says which member is wrong, Error(unsupported) for a source that by its name is
    /// no audio, Error(conflict) for one that is itself a result.
    TranscodeRequest parse(const boost::json::object& body) const;

    /// Waits while the same is processed in this server, so that the function is asked once.
    /// Errors are those of Transcode::run(), Error(conflict) for a source that was processed,
    /// Error(unprocessable) for one that is no audio.
    ProcessResult run(const TranscodeRequest& request, const audio::OnProgress& on_progress,
                      std::stop_token stop);

  private:
    /// False where the result is to be made, or found, in process.
    bool try_remote(const Rendering& rendering, const audio::OnProgress& on_progress,
                    const std::stop_token& stop, ProcessResult& result, std::string& cleanup_id) const;

    storage::ObjectStore& objects_;
    Transcode& transcode_;
    RemoteProcessor* remote_;
    const Clock& clock_;
    const LogLine log_;
    Turns turns_;  ///< by final key
};

std::string_view name(ProcessingMethod method) noexcept;
/// "reused": true and "warnings" are added where there is something to tell.
boost::json::object to_json(const ProcessResult& result);

/// Jobs of type "process". `process` must outlive it.
JobType process_job(Process& process);

/// "wav" of "Song.WAV"; empty where the name has none.
std::string extension_of(std::string_view file_name);
/// For names that tell that a file cannot be audio: pictures, documents, archives, playlists.
bool is_never_audio(std::string_view extension) noexcept;

}  // namespace fadeout::service
