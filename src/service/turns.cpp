#include "service/turns.h"

#include <utility>

#include "base/pause.h"

namespace fadeout::service {

Turns::Turn::Turn(Turn&& other) noexcept
    : turns_(std::exchange(other.turns_, nullptr)),
      name_(std::move(other.name_)),
      has_waited_(other.has_waited_) {}

Turns::Turn& Turns::Turn::operator=(Turn&& other) noexcept {
    std::swap(turns_, other.turns_);
    std::swap(name_, other.name_);
    has_waited_ = other.has_waited_;
    return *this;
}

Turns::Turn::~Turn() {
    if (turns_ == nullptr) return;
    const std::lock_guard lock(turns_->mutex_);
    turns_->taken_.erase(name_);
    turns_->given_back_.notify_all();
}

Turns::Turn Turns::take(const std::string& name, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    const bool must_wait = taken_.contains(name);
    given_back_.wait(lock, stop, [&] { return !taken_.contains(name); });
    require_going_on(stop, "render");
    taken_.insert(name);
    return {*this, name, must_wait};
}

}  // namespace fadeout::service
