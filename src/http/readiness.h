#pragma once
#include <boost/json/object.hpp>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace fadeout::http {

/// Asks the parts that the service cannot do without whether they work, all at once and at most once per
/// `good_for`. While one thread asks, which takes long where a part hangs, others are given the last answer
/// unless it is older than max_age. Thread-safe.
class Readiness {
  public:
    struct Part {
        std::string name;
        std::function<void()> check;  ///< throws what is wrong; called on a thread of its own
    };
    struct Answer {
        bool ready = false;
        boost::json::object checks;  ///< part -> "ok", or the public message of what is wrong
    };

    static constexpr Duration max_age = std::chrono::seconds(30);

    Readiness(std::vector<Part> parts, Duration good_for) : parts_(std::move(parts)), good_for_(good_for) {}
    Answer answer();

  private:
    using Steady = std::chrono::steady_clock;
    struct Known {
        Answer answer;
        Steady::time_point at;
    };

    Answer ask() const;

    const std::vector<Part> parts_;
    const Duration good_for_;
    std::mutex mutex_;  // guards all below
    std::condition_variable asked_;
    bool is_asking_ = false;
    std::optional<Known> last_;
};

}  // namespace fadeout::http
