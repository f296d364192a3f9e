#include "jobs/outage.h"

#include "base/clock.h"
#include "base/text.h"

namespace fadeout::jobs {

std::optional<std::string> Outage::failed(std::string_view why, Moment now) {
    const std::lock_guard lock(mutex_);
    if (since_) return std::nullopt;
    since_ = now;
    return "The queue is away, asking again with a back-off: " + std::string(why);
}

std::optional<std::string> Outage::succeeded(Moment now) {
    const std::lock_guard lock(mutex_);
    if (!since_) return std::nullopt;
    const auto lasted = std::chrono::round<std::chrono::seconds>(now - *since_);
    since_.reset();
    return "The queue is back after " + format_duration(lasted);
}

}  // namespace fadeout::jobs
