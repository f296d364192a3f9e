#pragma once
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/test_folder.h"
#include "jobs/job_queue.h"

namespace fadeout::jobs {

/// A backend under test: makes a queue that lives in the given empty folder and reads the given clock.
struct Backend {
    std::string name;
    std::function<std::unique_ptr<JobQueue>(const TestFolder& folder, const Clock& clock,
                                            const Limits& limits, const FollowUp& follow_up)>
        make;
};

/// What every backend is made with: the end of a job of type "told" queues a note.
inline std::optional<NewJob> note_after(const Job& ended) {
    if (ended.type != "told") return std::nullopt;
    return NewJob{"note", std::string(name(ended.state)) + " " + ended.payload + ended.result, {}, ""};
}

/// Of the Error that `action` must throw.
template <class Action>
ErrorKind kind_of(Action&& action) {
    try {
        action();
    } catch (const Error& e) {
        EXPECT_STRNE(e.what(), "");
        return e.kind();
    }
    ADD_FAILURE() << "no Error was thrown";
    return ErrorKind::internal;
}

constexpr double fixed_random = 0.5;  ///< every backend is made with this for its back-off

/// Every JobQueue must pass the tests of this suite; a backend joins by INSTANTIATE_TEST_SUITE_P.
class JobQueueContract : public testing::TestWithParam<Backend> {
  protected:
    Job add(const std::string& payload = "{}", const std::string& type = "speak",
            const std::string& key = "") {
        return queue_->enqueue({type, payload, std::nullopt, key});
    }
    Lease take(const std::vector<std::string>& types = {}) {
        std::optional<Lease> lease = queue_->lease(types);
        EXPECT_TRUE(lease) << "nothing was due";
        return lease.value_or(Lease{});
    }
    State state(const std::string& id) { return queue_->get(id).value().state; }

    ManualClock clock_{from_unix_seconds(1'795'188'600)};  // 2026-11-20T15:30:00Z
    Limits limits_{.queued = 50};
    TestFolder folder_;
    std::unique_ptr<JobQueue> queue_ = GetParam().make(folder_, clock_, limits_, note_after);
};

}  // namespace fadeout::jobs
