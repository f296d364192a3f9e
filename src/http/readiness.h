#pragma once
#include <boost/json/object.hpp>
#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"

namespace fadeout::http {

/// Asks the parts that the service cannot do without whether they work, all at once and at most once per
/// `good_for`. Thread-safe.
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

    Readiness(std::vector<Part> parts, Duration good_for) : parts_(std::move(parts)), good_for_(good_for) {}
    Answer answer();

  private:
    std::vector<Part> parts_;
    Duration good_for_;
    std::mutex mutex_;
    Answer last_;
    std::chrono::steady_clock::time_point asked_{};
};

}  // namespace fadeout::http
