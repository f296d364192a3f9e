#include "lambda/loop.h"

#include <cstdlib>
#include <future>
#include <optional>

namespace fadeout::lambda {

namespace {

std::optional<Invocation> next(RuntimeApi& api, const std::stop_token& stop) {
    try {
        return api.next(stop);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::cancelled) throw;
        return std::nullopt;
    }
}

}  // namespace

Loop::Loop(RuntimeApi& api, Function& function, const Clock& clock, LogLine log)
    : api_(api), function_(function), clock_(clock), log_(std::move(log)) {}

void Loop::run(const std::stop_token& stop) {
    while (!stop.stop_requested())
        if (const auto invocation = next(api_, stop)) serve(*invocation);
}

void Loop::serve(const Invocation& invocation) {
    ::setenv("_X_AMZN_TRACE_ID", invocation.trace_id.c_str(), 1);  // no other thread runs now
    try {
        try {
            answer(invocation);
        } catch (const std::exception& exception) {
            log_(Severity::error, "Invocation " + invocation.id + " failed: " + exception.what());
            api_.fail(invocation.id, Failure(exception));
        }
    } catch (const Error& error) {  // the next call decides whether there is an API any more
        log_(Severity::error, "Invocation " + invocation.id + " could not be answered: " + error.what());
    }
}

void Loop::answer(const Invocation& invocation) {
    std::stop_source stop;
    auto work = std::async(std::launch::async, [&] {
        return function_.handle(invocation.id, invocation.event, stop.get_token());
    });
    const Duration left = invocation.deadline - clock_.now();
    if (work.wait_for(left - stop_margin) == std::future_status::timeout) {
        stop.request_stop();
        if (work.wait_for(stop_margin - answer_margin) == std::future_status::timeout) {
            log_(Severity::error, "Invocation " + invocation.id + " did not stop in time");
            api_.respond(invocation.id, function_.late_answer(invocation.id, invocation.event));
            return;  // once the work has ended
        }
    }
    api_.respond(invocation.id, work.get());
}

}  // namespace fadeout::lambda
