#pragma once
#include <condition_variable>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>

namespace fadeout::service {

/// Lets one at a time through for each name; whoever comes meanwhile waits. Thread-safe; must outlive the
/// turns it gave.
class Turns {
  public:
    /// A name that is taken, until this dies.
    class Turn {
      public:
        Turn() = default;
        Turn(Turn&& other) noexcept;
        Turn& operator=(Turn&& other) noexcept;
        ~Turn();
        bool has_waited() const noexcept { return has_waited_; }

      private:
        friend class Turns;
        Turn(Turns& turns, std::string name, bool has_waited)
            : turns_(&turns), name_(std::move(name)), has_waited_(has_waited) {}

        Turns* turns_ = nullptr;  ///< null: nothing is taken
        std::string name_;
        bool has_waited_ = false;
    };

    /// Waits until nobody else has `name`. Error(cancelled) once a stop is asked for.
    Turn take(const std::string& name, const std::stop_token& stop);

  private:
    std::mutex mutex_;
    std::condition_variable_any given_back_;
    std::set<std::string> taken_;
};

}  // namespace fadeout::service
