#include "http/readiness.h"

#include "base/error.h"

namespace fadeout::http {

Readiness::Answer Readiness::answer() {
    const std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    if (asked_ != std::chrono::steady_clock::time_point{} && now - asked_ < good_for_) return last_;
    last_ = {.ready = true, .checks = {}};
    for (const Part& part : parts_) {
        try {
            part.check();
            last_.checks[part.name] = "ok";
        } catch (const Error& error) {
            last_.checks[part.name] = error.what();
            last_.ready = false;
        } catch (const std::exception&) {
            last_.checks[part.name] = "internal error";
            last_.ready = false;
        }
    }
    asked_ = std::chrono::steady_clock::now();
    return last_;
}

}  // namespace fadeout::http
