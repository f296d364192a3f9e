#pragma once
#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace fadeout::jobs {

/// Whether a queue answers, as all the threads see it that ask it again and again: what changes is told once,
/// not by each of them at each attempt. Thread-safe.
class Outage {
  public:
    using Moment = std::chrono::steady_clock::time_point;

    /// After an attempt. A line for the log where this is news.
    std::optional<std::string> failed(std::string_view why, Moment now);
    std::optional<std::string> succeeded(Moment now);

  private:
    std::mutex mutex_;
    std::optional<Moment> since_;  ///< nothing: the queue answers
};

}  // namespace fadeout::jobs
