#pragma once
#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace fadeout::speech {

/// A mutual exclusion that is handed on in the order of arrival. With std::mutex a thread that speaks a long
/// text would take the engine again right after each sentence, and everybody else would wait for the whole
/// text. Usable with std::lock_guard.
class TurnLock {
  public:
    void lock() {
        std::unique_lock guard(mutex_);
        const std::uint64_t turn = next_turn_++;
        waiting_room(turn).wait(guard, [&] { return turn == current_turn_; });
    }

    void unlock() {
        const std::lock_guard guard(mutex_);
        waiting_room(++current_turn_).notify_all();
    }

  private:
    /// Several, so that a change of turn wakes the one thread whose turn it is, and rarely another.
    std::condition_variable& waiting_room(std::uint64_t turn) { return rooms_[turn % rooms_.size()]; }

    std::mutex mutex_;
    std::array<std::condition_variable, 64> rooms_;
    std::uint64_t next_turn_ = 0;
    std::uint64_t current_turn_ = 0;
};

}  // namespace fadeout::speech
