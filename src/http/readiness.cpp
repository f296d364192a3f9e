#include "http/readiness.h"

#include <future>
#include <optional>

#include "base/error.h"

namespace fadeout::http {

namespace {

/// Nothing where the part works.
std::optional<std::string> fault_of(const Readiness::Part& part) {
    try {
        part.check();
        return std::nullopt;
    } catch (const Error& error) {
        return error.what();
    } catch (const std::exception&) {
        return "internal error";
    }
}

}  // namespace

Readiness::Answer Readiness::answer() {
    const std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    if (asked_ != std::chrono::steady_clock::time_point{} && now - asked_ < good_for_) return last_;
    std::vector<std::future<std::optional<std::string>>> faults;
    for (const Part& part : parts_)
        faults.push_back(std::async(std::launch::async, [&part] { return fault_of(part); }));
    last_ = {.ready = true, .checks = {}};
    for (std::size_t i = 0; i < parts_.size(); ++i) {
        const auto fault = faults[i].get();
        last_.checks[parts_[i].name] = fault.value_or("ok");
        if (fault) last_.ready = false;
    }
    asked_ = std::chrono::steady_clock::now();
    return last_;
}

}  // namespace fadeout::http
