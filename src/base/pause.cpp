#include "base/pause.h"

#include <fmt/format.h>

#include <condition_variable>
#include <mutex>

#include "base/error.h"

namespace fadeout {

void pause(Duration time, const std::stop_token& stop) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any changed;
    changed.wait_for(lock, stop, time, [] { return false; });
}

void require_going_on(const std::stop_token& stop, std::string_view what) {
    if (stop.stop_requested()) throw Error(ErrorKind::cancelled, fmt::format("The {} was stopped.", what));
}

}  // namespace fadeout
