#pragma once
#include <signal.h>

#include <atomic>
#include <stop_token>
#include <thread>

namespace fadeout::cli {

/// While it lives, SIGINT and SIGTERM ask the work to stop instead of ending the process, so that everything
/// half-written is removed; a second one ends the process at once. Make it before any other thread.
class Interruption {
  public:
    Interruption();
    ~Interruption();
    Interruption(const Interruption&) = delete;
    Interruption& operator=(const Interruption&) = delete;

    std::stop_token token() const { return stop_.get_token(); }
    bool happened() const { return stop_.stop_requested(); }

  private:
    void wait();

    std::stop_source stop_;
    std::atomic<bool> is_ending_ = false;
    sigset_t signals_{}, mask_before_{};
    std::thread thread_;
};

}  // namespace fadeout::cli
