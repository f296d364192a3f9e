#pragma once
#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/log_line.h"
#include "service/remote_function.h"
#include "service/temporary_files.h"
#include "service/transcode.h"

namespace fadeout::service {

struct RemoteProcessorOptions {
    /// Between the tries to fetch a function's output: one try more than there are pauses.
    std::vector<Duration> fetch_pauses{Duration(500), Duration(2'000)};
    /// Hears of each object that a function wrote past fadeout's store. Where it throws an Error the object
    /// is not taken for the result.
    std::function<void(const storage::Key&)> on_direct_upload = [](const storage::Key&) {};
};

/// Where a remote function's result lies now.
struct RemoteResult {
    storage::Key key;
    std::uint64_t size_bytes = 0;
    bool direct = false;  ///< the function wrote it there itself
};

/// Has a source rendered by a remote function, and sees to it that the result lies at a final key: the
/// function's own, once the store confirms it, otherwise the one that Transcode derives, by fetching the
/// output.
class RemoteProcessor {
  public:
    RemoteProcessor(RemoteFunction& function, storage::ObjectStore& objects, const Sources& sources,
                    const Transcode& transcode, TemporaryFiles& temporary, const Clock& clock, LogLine log,
                    RemoteProcessorOptions options = {});

    /// What a function stored under a name of its own for this request before, if it is still there as it
    /// was.
    std::optional<RemoteResult> find(const Rendering& rendering) const;

    /// Nothing where another node stored an object at the derived final key meanwhile. Error for whatever
    /// went wrong: nothing of this call is at that key then. In each case what the function stored on the way
    /// is scheduled for deletion once its answer was understood, and `cleanup_id` is set: for
    /// result_is_stored(), when there is a result.
    std::optional<RemoteResult> run(const Rendering& rendering, const audio::OnProgress& on_progress,
                                    std::stop_token stop, std::string& cleanup_id);
    void result_is_stored(const std::string& cleanup_id) const { temporary_.result_is_stored(cleanup_id); }

  private:
    std::string clean_up_later(const RemoteAnswer& answer, const Rendering& rendering) const;
    void remember(const Rendering& rendering, const storage::ObjectInfo& result) const;
    boost::json::object request(const Rendering& rendering) const;
    std::optional<storage::ObjectInfo> believe(const RemoteAnswer& answer, const std::string& pitch_id,
                                               Time asked) const;
    std::optional<RemoteResult> fetch(const Rendering& rendering, const std::string& url,
                                      const audio::OnProgress& on_progress,
                                      const std::stop_token& stop) const;
    std::optional<RemoteResult> copy(const Rendering& rendering, const std::string& url,
                                     const audio::OnProgress& on_progress, const std::stop_token& stop) const;

    RemoteFunction& function_;
    storage::ObjectStore& objects_;
    const Sources& sources_;
    const Transcode& transcode_;
    TemporaryFiles& temporary_;
    const Clock& clock_;
    const LogLine log_;
    const RemoteProcessorOptions options_;
};

/// Why an object is not the result that a function says it wrote after `asked`; nothing where it is.
std::optional<std::string_view> doubt(const std::optional<storage::ObjectHead>& head, Time asked);

/// Error(bad_source) where an output that begins with `start` (all of it where `start` is shorter than
/// least_output_bytes) is none: empty, too short, or a document such as S3's <Error>.
void check_output(std::string_view start);

/// Error(unprocessable) unless `output` is of the codec that was asked for and as long as its source: what is
/// stored is served for every later request of the kind. Where one of the two does not tell its length, it is
/// decoded to its end.
void check_media(ByteSource& output, const Rendering& rendering, const audio::Limits& limits,
                 const std::stop_token& stop);
inline constexpr std::size_t least_output_bytes = 1024;

}  // namespace fadeout::service
