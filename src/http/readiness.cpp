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
    std::unique_lock lock(mutex_);
    const auto is_younger_than = [&](Duration age) { return last_ && Steady::now() - last_->at < age; };
    if (is_asking_ && is_younger_than(max_age)) return last_->answer;
    asked_.wait(lock, [&] { return !is_asking_; });
    if (is_younger_than(good_for_)) return last_->answer;
    is_asking_ = true;
    lock.unlock();
    Answer now;
    try {
        now = ask();
    } catch (const std::exception&) {  // no thread can be had
    }
    lock.lock();
    is_asking_ = false;
    last_ = {now, Steady::now()};
    asked_.notify_all();
    return now;
}

Readiness::Answer Readiness::ask() const {
    std::vector<std::future<std::optional<std::string>>> faults;
    for (const Part& part : parts_)
        faults.push_back(std::async(std::launch::async, [&part] { return fault_of(part); }));
    Answer answer{.ready = true, .checks = {}};
    for (std::size_t i = 0; i < parts_.size(); ++i) {
        const auto fault = faults[i].get();
        answer.checks[parts_[i].name] = fault.value_or("ok");
        if (fault) answer.ready = false;
    }
    return answer;
}

}  // namespace fadeout::http
