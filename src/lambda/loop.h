#pragma once
#include <stop_token>

#include "base/clock.h"
#include "base/log_line.h"
#include "lambda/function.h"
#include "lambda/runtime_api.h"

namespace fadeout::lambda {

/// Takes one invocation after the other and answers each before its deadline.
class Loop {
  public:
    /// So long before the deadline the work is told to stop: time to take away what is half-written.
    static constexpr Duration stop_margin{1'000};
    /// So long before it the caller gets its answer, whether the work has ended or not.
    static constexpr Duration answer_margin{300};

    /// All must outlive it.
    Loop(RuntimeApi& api, Function& function, const Clock& clock, LogLine log);

    /// Until `stop` is requested, which is seen between two invocations. Error where the Runtime API does not
    /// hand out invocations any more.
    void run(const std::stop_token& stop);

  private:
    void serve(const Invocation& invocation);
    void answer(const Invocation& invocation);

    RuntimeApi& api_;
    Function& function_;
    const Clock& clock_;
    LogLine log_;
};

}  // namespace fadeout::lambda
